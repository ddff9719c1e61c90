// The contract wants ClearAll on the first open of the process only: later ones would take down
// what this process shows through another session. That makes "first" a fact of the process.
#pragma once

#include <functional>
#include <string>

#include <pf/os/result.hpp>

namespace pf::host {

// Runs `clear` unless it has succeeded for that instance before in the life of this process;
// returns what it returned. Thread-safe: whoever opens the same instance meanwhile waits for the
// outcome, so that nothing is added which is then cleared away.
os::Result<void> clear_once_in_this_process(const std::string& instance,
                                            const std::function<os::Result<void>()>& clear);

}  // namespace pf::host
