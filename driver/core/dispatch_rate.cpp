// Modes whose rate is no whole hertz.
#include <pf/proto/exact_rate.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

namespace {

constexpr Completion kBadRate = invalid_parameter(
    "a rate is 1000..1000000 millihertz, and beside it stands the same rate in whole hertz");

}  // namespace

std::optional<Completion> Dispatcher::add_exact(const Call& call) {
    proto::AddExactRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (!proto::valid_exact_rate(request.add.refresh_hz, request.refresh_millihertz)) {
        return kBadRate;
    }
    return arrive(call, request.add, request.refresh_millihertz);
}

std::optional<Completion> Dispatcher::update_modes_exact(const Call& call) {
    proto::UpdateModesExactRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (!proto::valid_exact_rate(request.update.refresh_hz, request.refresh_millihertz)) {
        return kBadRate;
    }
    return change(call, request.update, request.refresh_millihertz);
}

}  // namespace pf::core
