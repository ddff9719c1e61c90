// Handles in the driver's process. Internal to os/windows.
#pragma once

#include <span>
#include <vector>

#include <pf/os/device_channel.hpp>

#include "device_calls.hpp"

namespace pf::os {

// `target` is open for that (ProcessUse::give_handles). See DeviceChannel::give_all().
Result<std::vector<std::uint64_t>> give_all_to(const DeviceCalls& calls, const Process& target,
                                               std::span<const Gift> gifts);

// Closes `value` there, and proves that it is closed. Reject: nothing has that value there.
Result<void> close_in(const DeviceCalls& calls, const Process& target, std::uint64_t value);

}  // namespace pf::os
