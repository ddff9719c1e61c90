// Opens devices whose open may never return. Each open runs on a thread of its own; one that is
// given up is left to its thread, which closes what it still gets. Thread-safe. Internal to
// os/windows.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <pf/os/clock.hpp>
#include <pf/os/handle.hpp>
#include <pf/os/patience.hpp>

#include "device_calls.hpp"

namespace pf::os {

// What a device gets to be opened before it counts as wedged.
inline constexpr std::int64_t kProbeBudgetNs = 10 * kSecond;

class DeviceProbes {
public:
    explicit DeviceProbes(const DeviceCalls& calls, std::int64_t budget_ns = kProbeBudgetNs)
        : calls_(calls), budget_ns_(budget_ns) {}

    // For overlapped calls. Waits for the budget at most. kWedged (retry): it has not returned by
    // then, and from now on at once as long as that open has not come back; kCancelled (retry);
    // else the system's.
    Result<Handle> open(const std::string& path, const Patience& patience);

private:
    struct Attempt;
    Result<void> await_earlier(const std::string& path, const Patience& patience);
    std::shared_ptr<Attempt> unfinished(const std::string& path);

    const DeviceCalls calls_;
    const std::int64_t budget_ns_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Attempt>> given_up_;  // by path; mutex_
};

}  // namespace pf::os
