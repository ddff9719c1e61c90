#include "hdr_light.hpp"

#include <algorithm>
#include <cstdio>

#include <pf/proto/luminance.hpp>

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

namespace pf::sinks {
namespace {

// ST 2086 counts chromaticity in 0.00002 and luminance in 0.0001 nits; ITU-R BT.2020 table 1.
constexpr int kChromaticityUnits = 50'000;
constexpr std::uint32_t kLuminanceUnits = 10'000;
struct Point {
    int x, y;
};
constexpr Point kRed{35'400, 14'600}, kGreen{8'500, 39'850}, kBlue{6'550, 2'300};
constexpr Point kWhite{15'635, 16'450};

constexpr std::uint32_t kMostNits = 10'000;  // of PQ, SMPTE ST 2084
// A code of the EDID stands for a little less than what it was made from.
constexpr std::uint32_t told_nits(std::uint32_t nits) {
    return static_cast<std::uint32_t>(
        proto::cta_max_millinits(proto::cta_max_luminance_code(nits)) / 1000);
}
constexpr LightLevels kOfOurEdid{told_nits(proto::kDefaultMaxLuminanceNits),
                                 told_nits(proto::kDefaultMaxFrameAvgLuminanceNits),
                                 proto::kDefaultMinLuminanceMillinits};

// What was given may be anything.
LightLevels plausible(const LightLevels& given) {
    LightLevels light = given.max_nits == 0 ? kOfOurEdid : given;
    light.max_nits = std::min(light.max_nits, kMostNits);
    light.max_frame_avg_nits = std::min(light.max_frame_avg_nits, light.max_nits);
    light.min_millinits = std::min(light.min_millinits, light.max_nits * 1000 - 1);
    return light;
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
    const LightLevels light = plausible(given);
    char text[160];
    std::snprintf(text, sizeof text,
                  "mastering-display=G(%d,%d)B(%d,%d)R(%d,%d)WP(%d,%d)L(%u,%u):cll=%u,%u", kGreen.x,
                  kGreen.y, kBlue.x, kBlue.y, kRed.x, kRed.y, kWhite.x, kWhite.y,
                  light.max_nits * kLuminanceUnits, light.min_millinits * (kLuminanceUnits / 1000),
                  light.max_nits, light.max_frame_avg_nits);
    return text;
}

os::Result<void> add_light(AVStream& stream, const LightLevels& given) {
    const LightLevels light = plausible(given);
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
    for (const Point point : {kRed, kGreen, kBlue}) {
        display->display_primaries[i][0] = {point.x, kChromaticityUnits};
        display->display_primaries[i++][1] = {point.y, kChromaticityUnits};
    }
    display->white_point[0] = {kWhite.x, kChromaticityUnits};
    display->white_point[1] = {kWhite.y, kChromaticityUnits};
    display->max_luminance = {static_cast<int>(light.max_nits), 1};
    display->min_luminance = {static_cast<int>(light.min_millinits), 1000};
    display->has_primaries = display->has_luminance = 1;
    level->MaxCLL = light.max_nits;
    level->MaxFALL = light.max_frame_avg_nits;
    return {};
}

}  // namespace pf::sinks
