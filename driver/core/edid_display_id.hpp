// The DisplayID extension block that carries a timing too large for EDID. Internal to the EDID.
#pragma once

#include <cstdint>
#include <span>

#include "edid_timing.hpp"

namespace pf::core {

// The last byte makes the 128 bytes sum to 0, as in every EDID block.
void seal_block(std::span<std::uint8_t, 128> block);

// VESA DisplayID 2.0 as an EDID extension: one section with the blocks that a display must have,
// and one type VII timing. Sections of that standard are named beside each. `out` is zero on entry.
void write_display_id(std::uint32_t serial, const Timing& preferred, const ImageSize& image,
                      std::span<std::uint8_t, 128> out);

}  // namespace pf::core
