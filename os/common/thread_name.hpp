// A thread's name in the system's tools: one source per system. Internal to os/.
#pragma once

namespace pf::os {

void name_this_thread(const char* name);  // cut to what the system takes

}  // namespace pf::os
