// What kind of object a handle is to. Internal to os/windows.
#pragma once

#include <pf/os/handle.hpp>

namespace pf::os {

// `type` as the system's object manager names it: L"Event", L"Section".
bool is_object_of_type(const Handle& handle, const wchar_t* type);

}  // namespace pf::os
