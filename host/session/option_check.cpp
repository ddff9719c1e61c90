#include "session/option_check.hpp"

#include <pf/proto/validate.hpp>

namespace pf::host {
namespace {

tl::unexpected<os::Error> refuse(const char* what) {
    return os::fail("open a session", proto::kStatusInvalidParameter, os::Reaction::reject, what);
}

tl::unexpected<os::Error> bug(const char* what) {
    return os::fail("open a session", 0, os::Reaction::bug, what);
}

os::Result<void> check_policy(const RebuildPolicy& policy) {
    if (policy.budget_ns < 0) {
        return bug("policy.budget_ns is negative; 0 is one attempt, INT64_MAX no limit");
    }
    if (policy.forgive_ns <= 0) {
        return bug("policy.forgive_ns has to be above 0");
    }
    if (policy.first_backoff_ns <= 0 || policy.max_backoff_ns < policy.first_backoff_ns) {
        return bug("policy.first_backoff_ns has to be above 0, max_backoff_ns not below it");
    }
    return {};
}

}  // namespace

os::Result<void> check_options(const SessionOptions& options) {
    if (!valid(options.mode)) {
        return refuse(
            "mode is outside 1..16384 x 1..16384 @ 1..1000, or its refresh_hz is not its "
            "refresh_millihertz rounded (Mode::exact() sets both)");
    }
    if (options.client_id > proto::kMonitorIdLast) {
        return refuse("client_id is 1..15, or 0 for any");
    }
    if (proto::bytes_per_pixel(static_cast<std::uint32_t>(options.format)) == 0) {
        return refuse("format is bgra8, rgb10a2 or rgba16f");
    }
    if (options.attach_timeout_ns <= 0) {
        return bug("attach_timeout_ns has to be above 0");
    }
    if (options.unresponsive_after_ns <= 0) {
        return bug("unresponsive_after_ns has to be above 0");
    }
    return check_policy(options.policy);
}

os::Result<void> check_options(const DisplaysOptions& options) {
    if (options.linger_ns < 0) {
        return bug("linger_ns is negative; 0 lets a monitor go with its last session");
    }
    return {};
}

}  // namespace pf::host
