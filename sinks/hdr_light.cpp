#include "hdr_light.hpp"

#include <algorithm>

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

namespace pf::sinks {
namespace {

// ST 2086 counts chromaticity in 0.00002 and luminance in 0.0001 nits; ITU-R BT.2020 table 1.
constexpr int kChromaticityUnits = 50'000, kLuminanceUnits = 10'000;
struct Point {
    int x, y;
};
constexpr Point kRed{35'400, 14'600}, kGreen{8'500, 39'850}, kBlue{6'550, 2'300};
constexpr Point kWhite{15'635, 16'450};

constexpr std::uint32_t kMostNits = 10'000;  // of PQ, SMPTE ST 2084
constexpr LightLevels kOfOurEdid{993, 400, 50};

// What was given may be anything.
LightLevels plausible(const LightLevels& given) {
    LightLevels light = given.max_nits == 0 ? kOfOurEdid : given;
    light.max_nits = std::min(light.max_nits, kMostNits);
    light.max_frame_avg_nits = std::min(light.max_frame_avg_nits, light.max_nits);
    light.min_millinits = std::min(light.min_millinits, light.max_nits * 1000 - 1);
    return light;
}

std::string pair(int first, int second) {
    return "(" + std::to_string(first) + "," + std::to_string(second) + ")";
}

std::string pair(Point point) {
    return pair(point.x, point.y);
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
    const auto max = static_cast<int>(light.max_nits), min = static_cast<int>(light.min_millinits);
    return "mastering-display=G" + pair(kGreen) + "B" + pair(kBlue) + "R" + pair(kRed) + "WP" +
           pair(kWhite) + "L" + pair(max * kLuminanceUnits, min * (kLuminanceUnits / 1000)) +
           ":cll=" + std::to_string(max) + "," + std::to_string(light.max_frame_avg_nits);
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
