// The timing of a mode as an EDID states it, and the two codings of it. Internal to the EDID.
#pragma once

#include <cstdint>
#include <span>

#include <pf/core/mode.hpp>

namespace pf::core {

// The picture's size that every block states. Desktops scale by it, so it has the mode's shape.
struct ImageSize {
    std::uint32_t width_mm;
    std::uint32_t height_mm;
    std::uint8_t width_cm;
    std::uint8_t height_cm;

    // Square pixels of 96 dots an inch, the density that everything without a size of its own
    // assumes. A side under 5 cm would be rounded out of shape: then the pixels are larger. A side
    // over 255 cm is more than the base block can say (E-EDID 1.4, 3.6.2): then they are smaller.
    // Where both limits cannot be kept (a line of pixels), no side is 0.
    static ImageSize of(const Mode& mode);
};

// In pixels and lines; front porch, sync and back porch are parts of the blanking.
struct Timing {
    std::uint32_t width;
    std::uint32_t height;
    std::uint32_t h_blank;
    std::uint32_t v_blank;
    std::uint64_t clock_hz;

    static constexpr std::uint32_t kHFront = 48;
    static constexpr std::uint32_t kHSync = 32;
    static constexpr std::uint32_t kVFront = 3;
    static constexpr std::uint32_t kVSync = 5;

    // Reduced blanking: htotal = width + 160, vtotal = height + 30, as the X driver sets the mode.
    // A mode too small for that gets longer blanking: readers of EDIDs take a clock below 10 MHz
    // for garbage, and in 10 kHz steps its refresh would be wrong by more than 0.1 %.
    static Timing of(const Mode& mode);
};

// VESA E-EDID 1.4, 3.10.2: 12 bits for each size, clock in 10 kHz in 16 bits.
bool fits_detailed(const Timing& timing);
inline constexpr std::size_t kDetailedBytes = 18;
// `timing` fits.
void write_detailed(const Timing& timing, const ImageSize& image,
                    std::span<std::uint8_t, kDetailedBytes> out);

// VESA DisplayID 2.0, 4.3.1: 16 bits for each size, clock in kHz in 24 bits. The mode with its
// refresh lowered to what the clock can say: 16384x16384 above 61 Hz, for example.
Mode within_type_vii(const Mode& mode);
inline constexpr std::size_t kTypeViiBytes = 20;
void write_type_vii(const Timing& timing, std::span<std::uint8_t, kTypeViiBytes> out);

}  // namespace pf::core
