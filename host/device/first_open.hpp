// The contract wants ClearAll on the first open of the process only: later ones would take down
// what this process shows through another session. That makes "first" a fact of the process.
#pragma once

#include <string>

namespace pf::host {

// True once for each instance name in the life of this process. Thread-safe.
bool first_open_in_this_process(const std::string& instance);

}  // namespace pf::host
