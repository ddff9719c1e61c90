// The driver's log: a file, or none.
#pragma once

#include <string>

namespace pf::driver {

// The first call of the process decides. Empty, or a file that cannot be written: no log.
void set_up_log(const std::string& file);

}  // namespace pf::driver
