// What a wait needs from an event beyond its public face. Internal to os/linux.
#pragma once

#include <pf/os/handle.hpp>

namespace pf::os {

// Takes all pending signals. False when there were none. Never blocks, not even when the other
// process made the shared file description blocking.
bool consume_event(const Handle& handle);

}  // namespace pf::os
