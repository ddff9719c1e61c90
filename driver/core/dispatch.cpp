#include <pf/core/dispatch.hpp>

#include <pf/core/watchdog.hpp>
#include <pf/proto/exact_rate.hpp>
#include <pf/proto/version.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

namespace {

// The protocol version that brought an operation; 0 for a code that none has.
constexpr std::uint32_t operation_since(std::uint32_t code) {
    switch (code) {
        case proto::kIoctlAdd:
        case proto::kIoctlRemove:
        case proto::kIoctlSetRenderAdapter:
        case proto::kIoctlPing:
        case proto::kIoctlGetInfo:
        case proto::kIoctlClearAll: return 1;
        case proto::kIoctlSetFrameChannel: return 2;
        case proto::kIoctlUpdateModes: return 4;
        case proto::kIoctlSetCursorChannel: return kCursorSince;
        case proto::kIoctlSetCursorForward: return 6;
        case proto::kIoctlAddExact:
        case proto::kIoctlUpdateModesExact: return kExactRateSince;
        default: return 0;
    }
}

constexpr Completion kNoSuchOperation =
    not_found("this driver's protocol version does not have the operation");

}  // namespace

Dispatcher::Dispatcher(const DriverConfig& config, Adapter& adapter)
    : config_(config), adapter_(adapter) {}

std::uint32_t Dispatcher::behaviour() const {
    return std::clamp(config_.protocol_version, proto::kMinDriverProtocolVersion,
                      proto::kProtocolVersion);
}

std::optional<Completion> Dispatcher::dispatch(const Request& request) {
    table_.heard(request.owner, request.now_ns);
    const std::uint32_t since = operation_since(request.code);
    if (since == 0 || since > behaviour()) {
        return kNoSuchOperation;
    }
    return perform({request});
}

std::optional<Completion> Dispatcher::perform(const Call& call) {
    switch (call.code) {
        case proto::kIoctlAdd: return add(call);
        case proto::kIoctlRemove: return remove(call);
        case proto::kIoctlSetRenderAdapter: return set_render_adapter(call);
        case proto::kIoctlPing: return kSuccess;
        case proto::kIoctlGetInfo: return get_info(call);
        case proto::kIoctlClearAll: return clear_all(call);
        case proto::kIoctlSetFrameChannel: return set_frame_channel(call);
        case proto::kIoctlUpdateModes: return update_modes(call);
        case proto::kIoctlSetCursorChannel: return set_cursor_channel(call);
        case proto::kIoctlSetCursorForward: return set_cursor_forward(call);
        case proto::kIoctlAddExact: return add_exact(call);
        case proto::kIoctlUpdateModesExact: return update_modes_exact(call);
        default: return kNoSuchOperation;
    }
}

Completion Dispatcher::get_info(const Call& call) {
    if (call.output_capacity < sizeof(proto::InfoReply)) {
        return kBufferTooSmall;
    }
    return reply_with(proto::InfoReply{config_.protocol_version, kWatchdogTimeoutS},
                      call.output_capacity);
}

Completion Dispatcher::set_render_adapter(const Call& call) {
    proto::SetRenderAdapterRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (!adapter_.set_render_adapter({request.luid_low, request.luid_high})) {
        return not_found("there is no adapter yet");
    }
    config_.luid_low = request.luid_low;
    config_.luid_high = request.luid_high;
    return kSuccess;
}

void Dispatcher::finish(RequestId request, const Completion& completion) {
    finished_[finished_count_++] = {request, completion};
}

std::optional<Finished> Dispatcher::next_finished() {
    if (finished_taken_ < finished_count_) {
        return finished_[finished_taken_++];
    }
    finished_count_ = finished_taken_ = 0;
    return std::nullopt;
}

}  // namespace pf::core
