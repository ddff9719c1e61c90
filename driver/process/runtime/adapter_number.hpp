// The LUID of an adapter that the system does not number.
#pragma once

#include <cstdint>
#include <string_view>

namespace pf::driver {

// FNV-1a: it only has to be the same every time.
constexpr std::uint32_t adapter_number(std::string_view instance) {
    std::uint32_t hash = 2166136261;
    for (const char c : instance) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
    }
    return hash;
}

}  // namespace pf::driver
