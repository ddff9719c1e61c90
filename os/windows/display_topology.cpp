#include "display_topology.hpp"

#include <algorithm>
#include <map>

#include "input_desktop.hpp"
#include "wide_text.hpp"

namespace pf::os {

namespace {

// Monitors that come and go change the sizes between the two calls; not for ever.
constexpr int kMostQueries = 4;

tl::unexpected<Error> refused(const char* operation, LONG code) {
    switch (code) {
        case ERROR_ACCESS_DENIED:
            return fail(operation, code, Reaction::fallback,
                        "only a program in the session of whoever sits at the machine may; start "
                        "it there, not as a service or by a remote desktop");
        case ERROR_NOT_SUPPORTED:
        case ERROR_CALL_NOT_IMPLEMENTED:
            return fail(operation, code, Reaction::fallback,
                        "no graphics driver here that can tell of its screens");
        default:
            return fail(operation, code, Reaction::retry,
                        "the system refuses it just now; look at the screens, and try again");
    }
}

template <std::size_t N>
std::string text_of(const WCHAR (&text)[N]) {
    return narrow(std::wstring_view(text, ::wcsnlen(text, N)));
}

template <class Packet>
Packet packet_for(DISPLAYCONFIG_DEVICE_INFO_TYPE type, const DisplayEnd& end) {
    Packet packet{};
    packet.header.type = type;
    packet.header.size = sizeof packet;
    packet.header.adapterId = luid_of(end.adapter);
    packet.header.id = end.id;
    return packet;
}

}  // namespace

LONG WindowsDisplays::try_query(UINT32 flags, DisplayConfig& config) const {
    UINT32 paths = 0;
    UINT32 modes = 0;
    if (const LONG code = calls_.buffer_sizes(flags, &paths, &modes); code != ERROR_SUCCESS) {
        return code;
    }
    config.paths.assign(paths, {});
    config.modes.assign(modes, {});
    const LONG code =
        calls_.query(flags, &paths, config.paths.data(), &modes, config.modes.data(), nullptr);
    if (code == ERROR_SUCCESS) {
        config.paths.resize(std::min<std::size_t>(paths, config.paths.size()));
        config.modes.resize(std::min<std::size_t>(modes, config.modes.size()));
    }
    return code;
}

Result<DisplayConfig> WindowsDisplays::query_config(UINT32 flags) {
    DisplayConfig config;
    LONG code = ERROR_INSUFFICIENT_BUFFER;
    for (int i = 0; i < kMostQueries && code == ERROR_INSUFFICIENT_BUFFER; ++i) {
        code = try_query(flags, config);
    }
    if (code != ERROR_SUCCESS) {
        return refused("ask for the screens", code);
    }
    return config;
}

std::string WindowsDisplays::source_name(const DisplayEnd& source) const {
    auto packet = packet_for<DISPLAYCONFIG_SOURCE_DEVICE_NAME>(
        DISPLAYCONFIG_DEVICE_INFO_GET_SOURCE_NAME, source);
    return calls_.device_info(&packet.header) == ERROR_SUCCESS ? text_of(packet.viewGdiDeviceName)
                                                               : std::string();
}

std::string WindowsDisplays::monitor_path(const DisplayEnd& target) const {
    auto packet = packet_for<DISPLAYCONFIG_TARGET_DEVICE_NAME>(
        DISPLAYCONFIG_DEVICE_INFO_GET_TARGET_NAME, target);
    return calls_.device_info(&packet.header) == ERROR_SUCCESS ? text_of(packet.monitorDevicePath)
                                                               : std::string();
}

void WindowsDisplays::add_names(DisplayPaths& paths) const {
    std::map<DisplayEnd, std::string> monitors;  // each target has many paths
    for (DisplayPath& path : paths) {
        if (path.active) {
            path.name = source_name(path.source);
        }
        if (path.active || path.available) {
            const auto [entry, fresh] = monitors.try_emplace(path.target);
            if (fresh) {
                entry->second = monitor_path(path.target);
            }
            path.monitor = entry->second;
        }
    }
}

Result<DisplayPaths> WindowsDisplays::query(DisplayScope scope) {
    const UINT32 flags = scope == DisplayScope::all ? QDC_ALL_PATHS : QDC_ONLY_ACTIVE_PATHS;
    return query_config(flags).map([&](const DisplayConfig& config) {
        DisplayPaths paths = read_config(config);
        add_names(paths);
        return paths;
    });
}

Result<void> WindowsDisplays::set(DisplayConfig config, UINT32 flags, const char* operation) {
    const auto call = [&] {
        return calls_.set(static_cast<UINT32>(config.paths.size()),
                          config.paths.empty() ? nullptr : config.paths.data(),
                          static_cast<UINT32>(config.modes.size()),
                          config.modes.empty() ? nullptr : config.modes.data(), flags);
    };
    LONG code = call();
    if (code == ERROR_ACCESS_DENIED) {
        const InputDesktop desktop(calls_);
        if (desktop.entered()) {
            code = call();
        }
    }
    return code == ERROR_SUCCESS ? Result<void>() : refused(operation, code);
}

Result<void> WindowsDisplays::apply(const DisplayPaths& paths) {
    return set(make_config(paths), SDC_APPLY | SDC_USE_SUPPLIED_DISPLAY_CONFIG | SDC_ALLOW_CHANGES,
               "arrange the screens");
}

Result<void> WindowsDisplays::extend() {
    return set({}, SDC_APPLY | SDC_TOPOLOGY_EXTEND, "extend the desktop");
}

Result<void> WindowsDisplays::wake() {
    if (calls_.execution_state(ES_DISPLAY_REQUIRED) == 0) {
        return fail("wake the screens", 0, Reaction::retry,
                    "the system does not take it; move the mouse");
    }
    return {};
}

std::unique_ptr<DisplaySystem> open_display_system() {
    return std::make_unique<WindowsDisplays>();
}

}  // namespace pf::os
