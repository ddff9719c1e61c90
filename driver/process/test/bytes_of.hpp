// A request as the bytes that cross the boundary.
#pragma once

#include <cstddef>
#include <span>

namespace pf::driver::test {

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
    return std::as_bytes(std::span(&value, 1));
}

}  // namespace pf::driver::test
