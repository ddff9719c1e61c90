// The system's own error codes (errno, Win32) become reactions here and nowhere else: one source
// per system. Internal to os/.
#pragma once

#include <cstdint>

#include <pf/os/result.hpp>

namespace pf::os {

// Unknown ones are reject.
Reaction reaction_of_native(std::int64_t code);

// "ENOENT", a literal; null when unknown.
const char* native_code_name(std::int64_t code);

}  // namespace pf::os
