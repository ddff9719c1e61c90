#include <pf/core/edid.hpp>

#include <algorithm>

#include <pf/proto/luminance.hpp>

#include "edid_display_id.hpp"
#include "edid_timing.hpp"

namespace pf::core {

namespace {

using Block = std::span<std::uint8_t, Edid::kBlockBytes>;

constexpr Mode kFallback{1920, 1080, 60};  // first timing where EDID cannot hold the mode

template <std::size_t N>
void put(Block block, std::size_t offset, const std::uint8_t (&bytes)[N]) {
    std::copy_n(bytes, N, block.begin() + static_cast<std::ptrdiff_t>(offset));
}

// BT.2020 primaries and D65 (ITU-R BT.2020 table 3), ten bits each, laid out as in E-EDID 3.7.
constexpr std::uint8_t kChromaticity[] = {0x78, 0xB1, 0xB5, 0x4A, 0x2B,
                                          0xCC, 0x21, 0x0B, 0x50, 0x54};

// Display descriptors (E-EDID 3.10.3): the name, and the dummies that fill unused places.
constexpr std::uint8_t kName[] = {0,   0,   0,   0xFC, 0,   'P', 'F',  ' ', 'V',
                                  'i', 'r', 't', 'u',  'a', 'l', '\n', ' ', ' '};
constexpr std::uint8_t kDummy[18] = {0, 0, 0, 0x10};

void write_base(std::uint32_t serial, const Timing& first, const ImageSize& image,
                bool first_is_native, Block out) {
    constexpr std::uint8_t kHeader[] = {0x00, 0xFF, 0xFF, 0xFF, 0xFF,
                                        0xFF, 0xFF, 0x00, 0x41, 0xCB,  // PNK
                                        0x01, 0x00};                   // product 1
    const std::uint8_t display[] = {0x01,
                                    36,  // made in week 1 of 2026
                                    0x01,
                                    0x04,
                                    0xB0,  // digital, 10 bits a colour, interface undefined
                                    image.width_cm,
                                    image.height_cm,
                                    0x78};         // gamma 2.2
    constexpr std::uint8_t kFirstIsNative = 0x02;  // beside RGB 4:4:4
    put(out, 0, kHeader);
    for (std::size_t i = 0; i < 4; ++i) {
        out[0x0C + i] = static_cast<std::uint8_t>(serial >> (8 * i));
    }
    put(out, 0x10, display);
    out[0x18] = first_is_native ? kFirstIsNative : 0;
    put(out, 0x19, kChromaticity);
    out[0x23] = 0x20;                                         // established: 640x480 at 60 Hz
    std::fill_n(out.begin() + 0x26, 16, std::uint8_t{0x01});  // no standard timings
    write_detailed(first, image, out.subspan<0x36, kDetailedBytes>());
    put(out, 0x48, kName);
    put(out, 0x5A, kDummy);
    put(out, 0x6C, kDummy);
    out[0x7E] = first_is_native ? 1 : 2;  // extensions
    seal_block(out);
}

// Three codes of CTA-861.3: maximum, frame average, minimum.
void write_luminance(const Luminance& given, std::uint8_t* out) {
    constexpr Luminance kDefault{proto::kDefaultMaxLuminanceNits,
                                 proto::kDefaultMaxFrameAvgLuminanceNits,
                                 proto::kDefaultMinLuminanceMillinits};
    const Luminance& luminance = given.max_nits == 0 ? kDefault : given;
    out[0] = proto::cta_max_luminance_code(luminance.max_nits);
    out[1] = luminance.max_frame_avg_nits == 0
                 ? std::uint8_t{0}
                 : proto::cta_max_luminance_code(luminance.max_frame_avg_nits);
    out[2] = proto::cta_min_luminance_code(luminance.min_millinits, out[0]);
}

void write_cta(const Luminance& luminance, bool first_is_native, Block out) {
    constexpr std::uint8_t kItUnderscanned = 0x80;
    constexpr std::uint8_t kVideo[] = {0x41, 0x01};  // VIC 1, 640x480p60, which every sink has
    constexpr std::uint8_t kDataBlocks[] = {
        0xE2, 0x00, 0x4A,         // video capability: RGB range selectable, no overscan
        0xE3, 0x05, 0x80, 0x00,   // colorimetry: BT.2020 RGB
        0xE6, 0x06, 0x05, 0x01};  // HDR static metadata: SDR and PQ, type 1; the codes follow
    std::size_t end = 4;
    out[0] = 0x02;
    out[1] = 0x03;
    out[3] = kItUnderscanned | (first_is_native ? 1 : 0);  // native detailed timings
    if (first_is_native) {
        put(out, end, kVideo);  // without a native timing it would count as the preferred one
        end += sizeof(kVideo);
    }
    put(out, end, kDataBlocks);
    end += sizeof(kDataBlocks);
    write_luminance(luminance, &out[end]);
    out[2] = static_cast<std::uint8_t>(end + 3);  // where detailed timings would start
    seal_block(out);
}

}  // namespace

Edid Edid::make(std::uint32_t serial, const Mode& mode, const Luminance& luminance) {
    Edid edid;
    const Timing timing = Timing::of(mode);
    const ImageSize image = ImageSize::of(mode);
    const bool fits = fits_detailed(timing);
    const Block base(edid.data_.data(), kBlockBytes);
    const Block cta(edid.data_.data() + kBlockBytes, kBlockBytes);
    write_base(serial, fits ? timing : Timing::of(kFallback), image, fits, base);
    write_cta(luminance, fits, cta);
    if (!fits) {
        const Block display_id(edid.data_.data() + 2 * kBlockBytes, kBlockBytes);
        write_display_id(serial, Timing::of(within_type_vii(mode)), image, display_id);
    }
    edid.size_ = (fits ? 2 : 3) * kBlockBytes;
    return edid;
}

}  // namespace pf::core
