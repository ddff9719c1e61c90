// When an answer that the driver is gone takes a connection out of use. Pure.
#pragma once

#include <cstdint>

namespace pf::host {

// On a device handle one such answer to a ping may pass: the driver is being restarted under it.
inline constexpr std::uint32_t kGonePings = 2;

// `in_a_row` counts this answer and those to the pings right before it.
constexpr bool retires(bool ping, bool gone_is_final, std::uint32_t in_a_row) {
    return !ping || gone_is_final || in_a_row >= kGonePings;
}

}  // namespace pf::host
