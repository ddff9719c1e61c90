// What the pixels of a frame mean: their colour space, and for HDR the display that they are made
// for. Pure values.
#pragma once

#include <cstdint>
#include <optional>

#include <pf/host/pixel_format.hpp>

namespace pf::host {

// Windows' meaning of the three formats (DXGI_COLOR_SPACE_TYPE, dxgicommon.h).
enum class ColorSpace {
    srgb,          // bgra8: BT.709 primaries, sRGB curve
    bt2020_pq,     // rgb10a2: BT.2020 primaries, SMPTE ST 2084 curve (HDR10)
    scrgb_linear,  // rgba16f: BT.709 primaries, linear, 1.0 = 80 nits, may leave 0..1
};

// What a display says of its luminance, as it is asked for with a monitor. 0: not said; without a
// maximum, what the EDID of such a monitor says by itself.
struct LightLevels {
    std::uint32_t max_nits = 0;
    std::uint32_t max_frame_avg_nits = 0;
    std::uint32_t min_millinits = 0;
    friend bool operator==(const LightLevels&, const LightLevels&) = default;
};

// CIE 1931 x and y in steps of 0.00002, as SMPTE ST 2086 counts them.
struct Chromaticity {
    std::uint16_t x = 0;
    std::uint16_t y = 0;
    friend bool operator==(const Chromaticity&, const Chromaticity&) = default;
};

// SMPTE ST 2086 and CTA-861.3: the display that an HDR frame is made for. BT.2020 with its white
// D65 (ITU-R BT.2020 table 1), as the EDID of such a monitor says.
struct HdrMetadata {
    Chromaticity red{35'400, 14'600};
    Chromaticity green{8'500, 39'850};
    Chromaticity blue{6'550, 2'300};
    Chromaticity white{15'635, 16'450};
    // max_nits 1..10000, the most that PQ can say; max_frame_avg_nits no more than that;
    // min_millinits below it.
    LightLevels light;
    friend bool operator==(const HdrMetadata&, const HdrMetadata&) = default;
};

struct Color {
    ColorSpace space = ColorSpace::srgb;
    std::optional<HdrMetadata> hdr;  // none for srgb
    friend bool operator==(const Color&, const Color&) = default;
};

// `light` may be anything.
Color color_of(PixelFormat format, const LightLevels& light);

}  // namespace pf::host
