// A call of the system that may not return, on a thread of its own. Internal to os/windows.
#pragma once

#include <functional>

#include <pf/os/patience.hpp>
#include <pf/os/result.hpp>

namespace pf::os {

// What `call` returns; kTimeout or kCancelled (retry) when the patience ends before, and then the
// call goes on alone, with what it owns.
Result<void> call_within(const char* operation, std::function<Result<void>()> call,
                         const Patience& patience);

}  // namespace pf::os
