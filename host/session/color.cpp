#include <pf/host/color.hpp>

#include <algorithm>

#include <pf/proto/luminance.hpp>

namespace pf::host {
namespace {

constexpr std::uint32_t kMostNits = 10'000;  // of PQ, SMPTE ST 2084

// A code of the EDID stands for a little less than what it was made from.
constexpr std::uint32_t told_nits(std::uint32_t nits) {
    return static_cast<std::uint32_t>(
        proto::cta_max_millinits(proto::cta_max_luminance_code(nits)) / 1000);
}
constexpr LightLevels kOfOurEdid{told_nits(proto::kDefaultMaxLuminanceNits),
                                 told_nits(proto::kDefaultMaxFrameAvgLuminanceNits),
                                 proto::kDefaultMinLuminanceMillinits};

LightLevels plausible(const LightLevels& given) {
    LightLevels light = given.max_nits == 0 ? kOfOurEdid : given;
    light.max_nits = std::min(light.max_nits, kMostNits);
    light.max_frame_avg_nits = std::min(light.max_frame_avg_nits, light.max_nits);
    light.min_millinits = std::min(light.min_millinits, light.max_nits * 1000 - 1);
    return light;
}

HdrMetadata metadata_of(const LightLevels& light) {
    HdrMetadata metadata;
    metadata.light = plausible(light);
    return metadata;
}

}  // namespace

Color color_of(PixelFormat format, const LightLevels& light) {
    switch (format) {
        case PixelFormat::rgb10a2: return {ColorSpace::bt2020_pq, metadata_of(light)};
        case PixelFormat::rgba16f: return {ColorSpace::scrgb_linear, metadata_of(light)};
        case PixelFormat::bgra8: break;
    }
    return {ColorSpace::srgb, std::nullopt};
}

}  // namespace pf::host
