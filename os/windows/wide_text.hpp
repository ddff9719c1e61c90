// Text is UTF-8 in the program and UTF-16 at the system's calls. Internal to os/windows.
#pragma once

#include <string>
#include <string_view>

namespace pf::os {

// What is no valid text becomes replacement characters.
std::wstring widen(std::string_view utf8);
std::string narrow(std::wstring_view utf16);

}  // namespace pf::os
