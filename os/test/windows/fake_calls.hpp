// What the fake's calls share.
#pragma once

#include "install_calls.hpp"

namespace pf::os::test {

inline BOOL refuse(DWORD error) {
    ::SetLastError(error);
    return FALSE;
}

void add_device_calls(InstallCalls& calls);
void add_store_calls(InstallCalls& calls);
void add_certificate_calls(InstallCalls& calls);

}  // namespace pf::os::test
