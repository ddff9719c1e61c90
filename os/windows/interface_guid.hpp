// The driver's device interface, as the system's calls want it. Internal to os/windows.
#pragma once

#include <windows.h>

#include <pf/proto/version.hpp>

namespace pf::os {

inline GUID interface_guid() {
    const proto::Guid& ours = proto::kInterfaceGuid;
    GUID guid{ours.data1, ours.data2, ours.data3, {}};
    for (std::size_t i = 0; i < sizeof guid.Data4; ++i) {
        guid.Data4[i] = ours.data4[i];
    }
    return guid;
}

}  // namespace pf::os
