// What an instance notes about the X server that it started.
#pragma once

#include <pf/os/display_server.hpp>

namespace pf::driver {

using XorgRecord = os::DisplayServer;

}  // namespace pf::driver
