#include "device_probe.hpp"

#include <algorithm>

#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

#include "detached_thread.hpp"
#include "native_codes.hpp"
#include "native_handle.hpp"
#include "wide_text.hpp"

namespace pf::os {

// The thread's and its caller's.
struct DeviceProbes::Attempt {
    std::int64_t began_ns = now_ns();
    Flag finished;
    std::mutex mutex;
    bool given_up = false;  // mutex; nobody takes the device
    Handle device;          // mutex
    DWORD code = 0;         // mutex; why there is none
};

namespace {

constexpr const char* kOperation = "open device";

bool await(const Flag& finished, const Patience& patience, std::int64_t deadline_ns) {
    return wait({finished, patience.flags[0], patience.flags[1], patience.flags[2]}, deadline_ns) &&
           finished.is_set();
}

tl::unexpected<Error> fail_unfinished(const Patience& patience, std::int64_t began_ns) {
    if (patience.cancelled()) {
        return fail(kOperation, DeviceChannel::kCancelled, Reaction::retry, "cancelled");
    }
    const auto waited_ms = (now_ns() - began_ns) / kMillisecond;
    return fail(kOperation, DeviceChannel::kWedged, Reaction::retry,
                "wedged: an open of the device has not returned for " + std::to_string(waited_ms) +
                    " ms; restart the device (pfvd driver restart)");
}

tl::unexpected<Error> fail_open(DWORD code) {
    const Reaction reaction = reaction_of_native(code);
    return fail(kOperation, code, reaction,
                code == ERROR_ACCESS_DENIED
                    ? "this user may not open the device; run as administrator or as a service"
                : reaction == Reaction::reopen
                    ? "nobody serves the device: its driver is gone or not up yet"
                    : "the device does not open");
}

}  // namespace

std::shared_ptr<DeviceProbes::Attempt> DeviceProbes::unfinished(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = given_up_.find(path);
    if (found == given_up_.end()) {
        return nullptr;
    }
    if (found->second->finished.is_set()) {
        given_up_.erase(found);
        return nullptr;
    }
    return found->second;
}

// One that was given up early is waited for until its own budget is spent.
Result<void> DeviceProbes::await_earlier(const std::string& path, const Patience& patience) {
    while (const auto earlier = unfinished(path)) {
        const std::int64_t deadline_ns =
            std::min(patience.deadline_ns, earlier->began_ns + budget_ns_);
        if (!await(earlier->finished, patience, deadline_ns)) {
            return fail_unfinished(patience, earlier->began_ns);
        }
    }
    return {};
}

Result<Handle> DeviceProbes::open(const std::string& path, const Patience& patience) {
    if (const auto free = await_earlier(path, patience); !free) {
        return tl::unexpected(free.error());
    }
    auto finished = Flag::create();
    if (!finished) {
        return tl::unexpected(finished.error());
    }
    const auto attempt = std::make_shared<Attempt>();
    attempt->finished = std::move(*finished);
    const auto started = start_detached("pf probe", [attempt, calls = calls_, wide = widen(path)] {
        Handle device = adopt_handle(calls.create_file(
            wide.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
            OPEN_EXISTING, FILE_FLAG_OVERLAPPED, nullptr));
        const DWORD code = device ? 0 : ::GetLastError();
        {
            const std::lock_guard lock(attempt->mutex);
            attempt->code = code;
            if (!attempt->given_up) {
                attempt->device = std::move(device);
            }
        }
        device.reset();  // of one given up: before another open begins
        attempt->finished.set();
    });
    if (!started) {
        return tl::unexpected(started.error());
    }
    (void)await(attempt->finished, patience,
                std::min(patience.deadline_ns, attempt->began_ns + budget_ns_));
    const std::lock_guard lock(attempt->mutex);
    if (attempt->device) {
        return std::move(attempt->device);
    }
    if (attempt->code != 0) {
        return fail_open(attempt->code);
    }
    attempt->given_up = true;
    const std::lock_guard all(mutex_);
    given_up_[path] = attempt;
    return fail_unfinished(patience, attempt->began_ns);
}

}  // namespace pf::os
