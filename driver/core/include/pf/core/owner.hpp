// Who a request comes from.
#pragma once

#include <cstdint>

namespace pf::core {

// Names the host process behind a request, for as long as that process lives. The shell makes it
// (a number a process); 0 is nobody: its monitors are orphans.
using Owner = std::uint64_t;

inline constexpr Owner kNobody = 0;

}  // namespace pf::core
