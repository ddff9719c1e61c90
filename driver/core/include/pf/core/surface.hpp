// Pixels of a source's own, for a source that cannot draw into a slot.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pf::core {

struct Surface {
    const std::byte* pixels = nullptr;
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    std::uint32_t pitch_bytes = 0;
    std::uint32_t dxgi_format = 0;
};

}  // namespace pf::core
