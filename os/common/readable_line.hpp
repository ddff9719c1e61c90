// What a stranger's bytes become before they reach a terminal. Internal to os/.
#pragma once

#include <string>
#include <string_view>

namespace pf::os {

// One line of valid UTF-8: control characters (C0, DEL, C1) become spaces, what is no UTF-8 becomes
// question marks. Never longer than `bytes`.
std::string readable_line(std::string_view bytes);

}  // namespace pf::os
