#include "display_config.hpp"

namespace pf::os {

namespace {

// The types of the system's header are enums; what they hold travels as numbers.
template <class Enum>
Enum as(std::uint32_t number) {
    return static_cast<Enum>(number);
}

std::uint64_t adapter_of(const LUID& luid) {
    return std::uint64_t{static_cast<std::uint32_t>(luid.HighPart)} << 32 | luid.LowPart;
}

DisplayRational rational_of(const DISPLAYCONFIG_RATIONAL& rational) {
    return {rational.Numerator, rational.Denominator};
}

DISPLAYCONFIG_RATIONAL rational_of(const DisplayRational& rational) {
    return {rational.numerator, rational.denominator};
}

const DISPLAYCONFIG_MODE_INFO* mode_at(const DisplayConfig& config, UINT32 index,
                                       DISPLAYCONFIG_MODE_INFO_TYPE type) {
    const bool there = index < config.modes.size() && config.modes[index].infoType == type;
    return there ? &config.modes[index] : nullptr;
}

std::optional<DisplaySourceMode> source_mode_of(const DISPLAYCONFIG_MODE_INFO* mode) {
    if (mode == nullptr) {
        return std::nullopt;
    }
    const DISPLAYCONFIG_SOURCE_MODE& source = mode->sourceMode;
    return DisplaySourceMode{source.width, source.height,
                             static_cast<std::uint32_t>(source.pixelFormat), source.position.x,
                             source.position.y};
}

std::optional<DisplayTiming> timing_of(const DISPLAYCONFIG_MODE_INFO* mode) {
    if (mode == nullptr) {
        return std::nullopt;
    }
    const DISPLAYCONFIG_VIDEO_SIGNAL_INFO& signal = mode->targetMode.targetVideoSignalInfo;
    return DisplayTiming{.pixel_rate = signal.pixelRate,
                         .line_rate = rational_of(signal.hSyncFreq),
                         .frame_rate = rational_of(signal.vSyncFreq),
                         .active_width = signal.activeSize.cx,
                         .active_height = signal.activeSize.cy,
                         .total_width = signal.totalSize.cx,
                         .total_height = signal.totalSize.cy,
                         .video_standard = signal.videoStandard,
                         .scan_order = static_cast<std::uint32_t>(signal.scanLineOrdering)};
}

DisplayPath read_path(const DisplayConfig& config, const DISPLAYCONFIG_PATH_INFO& info) {
    const auto& [source, target, flags] = info;
    DisplayPath path;
    path.source = {adapter_of(source.adapterId), source.id};
    path.target = {adapter_of(target.adapterId), target.id};
    path.active = (flags & DISPLAYCONFIG_PATH_ACTIVE) != 0;
    path.available = target.targetAvailable != FALSE;
    path.technology = static_cast<std::uint32_t>(target.outputTechnology);
    path.rotation = static_cast<std::uint32_t>(target.rotation);
    path.scaling = static_cast<std::uint32_t>(target.scaling);
    path.scan_order = static_cast<std::uint32_t>(target.scanLineOrdering);
    path.refresh = rational_of(target.refreshRate);
    path.source_mode =
        source_mode_of(mode_at(config, source.modeInfoIdx, DISPLAYCONFIG_MODE_INFO_TYPE_SOURCE));
    path.timing =
        timing_of(mode_at(config, target.modeInfoIdx, DISPLAYCONFIG_MODE_INFO_TYPE_TARGET));
    return path;
}

DISPLAYCONFIG_MODE_INFO mode_for(DISPLAYCONFIG_MODE_INFO_TYPE type, const DisplayEnd& end) {
    DISPLAYCONFIG_MODE_INFO mode{};
    mode.infoType = type;
    mode.id = end.id;
    mode.adapterId = luid_of(end.adapter);
    return mode;
}

UINT32 find_source_mode(const DisplayConfig& config, const DisplayEnd& source) {
    for (UINT32 i = 0; i < config.modes.size(); ++i) {
        const DISPLAYCONFIG_MODE_INFO& mode = config.modes[i];
        if (mode.infoType == DISPLAYCONFIG_MODE_INFO_TYPE_SOURCE && mode.id == source.id &&
            adapter_of(mode.adapterId) == source.adapter) {
            return i;
        }
    }
    return DISPLAYCONFIG_PATH_MODE_IDX_INVALID;
}

UINT32 add_mode(DisplayConfig& config, const DISPLAYCONFIG_MODE_INFO& mode) {
    config.modes.push_back(mode);
    return static_cast<UINT32>(config.modes.size() - 1);
}

UINT32 add_source_mode(DisplayConfig& config, const DisplayPath& path) {
    const UINT32 shared = find_source_mode(config, path.source);
    if (!path.source_mode || shared != DISPLAYCONFIG_PATH_MODE_IDX_INVALID) {
        return shared;
    }
    DISPLAYCONFIG_MODE_INFO mode = mode_for(DISPLAYCONFIG_MODE_INFO_TYPE_SOURCE, path.source);
    mode.sourceMode = {path.source_mode->width,
                       path.source_mode->height,
                       as<DISPLAYCONFIG_PIXELFORMAT>(path.source_mode->pixel_format),
                       {path.source_mode->x, path.source_mode->y}};
    return add_mode(config, mode);
}

UINT32 add_timing(DisplayConfig& config, const DisplayPath& path) {
    if (!path.timing) {
        return DISPLAYCONFIG_PATH_MODE_IDX_INVALID;
    }
    DISPLAYCONFIG_MODE_INFO mode = mode_for(DISPLAYCONFIG_MODE_INFO_TYPE_TARGET, path.target);
    DISPLAYCONFIG_VIDEO_SIGNAL_INFO& signal = mode.targetMode.targetVideoSignalInfo;
    signal.pixelRate = path.timing->pixel_rate;
    signal.hSyncFreq = rational_of(path.timing->line_rate);
    signal.vSyncFreq = rational_of(path.timing->frame_rate);
    signal.activeSize = {path.timing->active_width, path.timing->active_height};
    signal.totalSize = {path.timing->total_width, path.timing->total_height};
    signal.videoStandard = path.timing->video_standard;
    signal.scanLineOrdering = as<DISPLAYCONFIG_SCANLINE_ORDERING>(path.timing->scan_order);
    return add_mode(config, mode);
}

// Zero is no rotation and no scaling that the system takes; a path that was never lit may have it.
template <class Enum>
Enum or_default(std::uint32_t number, Enum otherwise) {
    return number != 0 ? as<Enum>(number) : otherwise;
}

DISPLAYCONFIG_PATH_INFO make_path(DisplayConfig& config, const DisplayPath& path) {
    DISPLAYCONFIG_PATH_INFO info{};
    info.flags = DISPLAYCONFIG_PATH_ACTIVE;
    info.sourceInfo.adapterId = luid_of(path.source.adapter);
    info.sourceInfo.id = path.source.id;
    info.sourceInfo.modeInfoIdx = add_source_mode(config, path);
    DISPLAYCONFIG_PATH_TARGET_INFO& target = info.targetInfo;
    target.adapterId = luid_of(path.target.adapter);
    target.id = path.target.id;
    target.modeInfoIdx = add_timing(config, path);
    target.outputTechnology = as<DISPLAYCONFIG_VIDEO_OUTPUT_TECHNOLOGY>(path.technology);
    target.rotation = or_default(path.rotation, DISPLAYCONFIG_ROTATION_IDENTITY);
    target.scaling = or_default(path.scaling, DISPLAYCONFIG_SCALING_PREFERRED);
    target.targetAvailable = TRUE;
    if (path.timing) {  // else the system chooses the rate, too
        target.refreshRate = rational_of(path.refresh);
        target.scanLineOrdering = as<DISPLAYCONFIG_SCANLINE_ORDERING>(path.scan_order);
    }
    return info;
}

}  // namespace

LUID luid_of(std::uint64_t adapter) {
    return {static_cast<DWORD>(adapter), static_cast<LONG>(adapter >> 32)};
}

DisplayPaths read_config(const DisplayConfig& config) {
    DisplayPaths paths;
    for (const DISPLAYCONFIG_PATH_INFO& info : config.paths) {
        paths.push_back(read_path(config, info));
    }
    return paths;
}

DisplayConfig make_config(const DisplayPaths& paths) {
    DisplayConfig config;
    for (const DisplayPath& path : paths) {
        config.paths.push_back(make_path(config, path));
    }
    return config;
}

}  // namespace pf::os
