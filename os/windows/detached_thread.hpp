// A thread that nobody waits for, because the system may never let it go. Internal to os/windows.
#pragma once

#include <functional>

#include <pf/os/result.hpp>

namespace pf::os {

// `body` owns what it uses; what it throws ends it. `name` is a literal. Errors: retry, no thread
// or no memory for it.
Result<void> start_detached(const char* name, std::function<void()> body);

}  // namespace pf::os
