#include "hdr_light.hpp"

#include <cstdio>

#include <pf/host/color.hpp>

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

namespace pf::sinks {
namespace {

// ST 2086 counts chromaticity in 0.00002 and luminance in 0.0001 nits.
constexpr int kChromaticityUnits = 50'000;
constexpr std::uint32_t kLuminanceUnits = 10'000;

host::HdrMetadata metadata_of(const LightLevels& light) {
    return *host::color_of(host::PixelFormat::rgb10a2, light).hdr;
}

// Belongs to the stream. libavformat 61 moved such data into the parameters.
template <typename T>
T* add_side_data(AVStream& stream, AVPacketSideDataType type, T* data, std::size_t size) {
    if (data == nullptr) {
        return nullptr;
    }
    auto* bytes = reinterpret_cast<std::uint8_t*>(data);
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    AVCodecParameters& to = *stream.codecpar;
    const bool added = av_packet_side_data_add(&to.coded_side_data, &to.nb_coded_side_data, type,
                                               bytes, size, 0) != nullptr;
#else
    const bool added = av_stream_add_side_data(&stream, type, bytes, size) >= 0;
#endif
    if (!added) {
        av_free(data);
        return nullptr;
    }
    return data;
}

}  // namespace

std::string x264_light(const LightLevels& given) {
    const host::HdrMetadata m = metadata_of(given);
    const LightLevels& light = m.light;
    char text[160];
    std::snprintf(text, sizeof text,
                  "mastering-display=G(%d,%d)B(%d,%d)R(%d,%d)WP(%d,%d)L(%u,%u):cll=%u,%u",
                  m.green.x, m.green.y, m.blue.x, m.blue.y, m.red.x, m.red.y, m.white.x, m.white.y,
                  light.max_nits * kLuminanceUnits, light.min_millinits * (kLuminanceUnits / 1000),
                  light.max_nits, light.max_frame_avg_nits);
    return text;
}

os::Result<void> add_light(AVStream& stream, const LightLevels& given) {
    const host::HdrMetadata m = metadata_of(given);
    const LightLevels& light = m.light;
    auto* display =
        add_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
                      av_mastering_display_metadata_alloc(), sizeof(AVMasteringDisplayMetadata));
    std::size_t level_size = 0;
    auto* allocated = av_content_light_metadata_alloc(&level_size);
    auto* level = add_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, allocated, level_size);
    if (display == nullptr || level == nullptr) {
        return fail_memory("open video file", "light levels");
    }
    int i = 0;
    for (const host::Chromaticity& point : {m.red, m.green, m.blue}) {
        display->display_primaries[i][0] = {point.x, kChromaticityUnits};
        display->display_primaries[i++][1] = {point.y, kChromaticityUnits};
    }
    display->white_point[0] = {m.white.x, kChromaticityUnits};
    display->white_point[1] = {m.white.y, kChromaticityUnits};
    display->max_luminance = {static_cast<int>(light.max_nits), 1};
    display->min_luminance = {static_cast<int>(light.min_millinits), 1000};
    display->has_primaries = display->has_luminance = 1;
    level->MaxCLL = light.max_nits;
    level->MaxFALL = light.max_frame_avg_nits;
    return {};
}

}  // namespace pf::sinks
