// The contract's device interface as the system's calls want it. Internal to os/windows.
#pragma once

#include <windows.h>

#include <pf/proto/version.hpp>

namespace pf::os {

inline constexpr GUID kInterfaceClass = {
    proto::kInterfaceGuid.data1,
    proto::kInterfaceGuid.data2,
    proto::kInterfaceGuid.data3,
    {proto::kInterfaceGuid.data4[0], proto::kInterfaceGuid.data4[1], proto::kInterfaceGuid.data4[2],
     proto::kInterfaceGuid.data4[3], proto::kInterfaceGuid.data4[4], proto::kInterfaceGuid.data4[5],
     proto::kInterfaceGuid.data4[6], proto::kInterfaceGuid.data4[7]}};

}  // namespace pf::os
