#include "bounded_call.hpp"

#include <memory>
#include <mutex>
#include <optional>

#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

#include "detached_thread.hpp"

namespace pf::os {

namespace {

struct Call {
    Flag returned;
    std::mutex mutex;
    std::optional<Result<void>> result;  // mutex
};

}  // namespace

Result<void> call_within(const char* operation, std::function<Result<void>()> call,
                         const Patience& patience) {
    auto returned = Flag::create();
    if (!returned) {
        return tl::unexpected(returned.error());
    }
    const auto state = std::make_shared<Call>();
    state->returned = std::move(*returned);
    const auto started = start_detached("pf call", [state, call = std::move(call)] {
        Result<void> result = call();
        {
            const std::lock_guard lock(state->mutex);
            state->result = std::move(result);
        }
        state->returned.set();
    });
    if (!started) {
        return started;
    }
    (void)wait({state->returned, patience.flags[0], patience.flags[1], patience.flags[2]},
               patience.deadline_ns);
    const std::lock_guard lock(state->mutex);
    if (state->result) {
        return *state->result;
    }
    return patience.cancelled()
               ? fail(operation, DeviceChannel::kCancelled, Reaction::retry, "cancelled")
               : fail(operation, DeviceChannel::kTimeout, Reaction::retry,
                      "the system did not return in time");
}

}  // namespace pf::os
