// A delivered header section. What the host wrote into it is read here, once.
#pragma once

#include <cstddef>
#include <span>

#include <pf/proto/ring_extension.hpp>

namespace pf::core {

struct RingHeader {
    // Each host field is loaded once; driver fields are zero. A section that is too short for a
    // header, or not 8-aligned, is taken for none: everything is zero then, and `section` empty.
    static RingHeader read(std::span<std::byte> section);

    std::span<std::byte> section;
    proto::SharedHeader words{};
    proto::RingExtension extension{};   // zero where the section ends before it
    proto::MemoryRing* ring = nullptr;  // in the section; null where that ends before it
};

}  // namespace pf::core
