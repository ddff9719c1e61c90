// Any mode, luminance and serial that pass the door make an EDID whose blocks add up, and any
// sequence of modes makes a list that a monitor may offer. Whether a monitor's readers like the
// EDID is edid-decode's to say, in driver/core's tests.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include <pf/core/edid.hpp>
#include <pf/core/mode_list.hpp>
#include <pf/proto/exact_rate.hpp>
#include <pf/proto/validate.hpp>

#include "byte_source.hpp"
#include "require.hpp"

namespace pf::fuzz {

namespace {

core::Mode valid_mode(ByteSource& source) {
    core::Mode mode{source.number(), source.number(), source.number()};
    if (!proto::valid_mode(mode.width, mode.height, mode.refresh_hz)) {
        mode = {mode.width % proto::kMaxDimension + 1, mode.height % proto::kMaxDimension + 1,
                mode.refresh_hz % proto::kMaxRefreshHz + 1};
    }
    const std::uint32_t millihertz = mode.refresh_hz * 1000 - 500 + source.below(1000);
    if (proto::valid_exact_rate(mode.refresh_hz, millihertz)) {
        mode.refresh_millihertz = millihertz;
    }
    return mode;
}

// VESA E-EDID 1.4 section 3: the header, the extension count, every block's sum.
void require_good_blocks(std::span<const std::uint8_t> edid) {
    static constexpr std::uint8_t kHeader[] = {0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0};
    PF_REQUIRE(edid.size() == 2 * core::Edid::kBlockBytes || edid.size() == core::Edid::kMaxBytes);
    PF_REQUIRE(std::equal(std::begin(kHeader), std::end(kHeader), edid.begin()));
    PF_REQUIRE((edid[126] + 1U) * core::Edid::kBlockBytes == edid.size());
    for (std::size_t at = 0; at < edid.size(); at += core::Edid::kBlockBytes) {
        const auto block = edid.subspan(at, core::Edid::kBlockBytes);
        PF_REQUIRE(std::accumulate(block.begin(), block.end(), 0U) % 256 == 0);
    }
}

// The first detailed timing, when two blocks are all there is, carries the mode asked for.
void require_mode_in_first_timing(std::span<const std::uint8_t> edid, const core::Mode& mode) {
    const auto timing = edid.subspan(54, 18);
    const unsigned width = timing[2] + (timing[4] >> 4) * 256U;
    const unsigned height = timing[5] + (timing[7] >> 4) * 256U;
    PF_REQUIRE(edid.size() > 256 || (width == mode.width && height == mode.height));
}

void make_edid(ByteSource& source) {
    const std::uint32_t serial = source.below(proto::kMonitorIdLast) + 1;
    const core::Mode mode = valid_mode(source);
    const core::Luminance luminance{source.number(), source.number(), source.number()};
    const core::Edid edid = core::Edid::make(serial, mode, luminance);
    require_good_blocks(edid.bytes());
    require_mode_in_first_timing(edid.bytes(), mode);
    PF_REQUIRE(edid.bytes()[12] == serial);
}

void make_list(ByteSource& source) {
    core::ModeList list(valid_mode(source));
    while (!source.empty()) {
        const core::Mode mode = valid_mode(source);
        list.prefer(mode);
        PF_REQUIRE(list.preferred() == mode);
        const auto modes = list.modes();
        PF_REQUIRE(modes.size() <= core::ModeList::kMaxModes);
        for (const core::Mode& one : modes) {
            PF_REQUIRE(std::count(modes.begin(), modes.end(), one) == 1);
        }
    }
}

}  // namespace

}  // namespace pf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    pf::fuzz::ByteSource source(data, size);
    pf::fuzz::make_edid(source);
    pf::fuzz::make_list(source);
    return 0;
}
