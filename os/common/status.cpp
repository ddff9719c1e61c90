#include "status.hpp"

#include <pf/proto/exact_rate.hpp>

namespace pf::os {

namespace {

struct StatusMeaning {
    std::uint32_t status;
    const char* name;
    Reaction reaction;
    const char* detail;
};

// NOT_FOUND is no sign of a gone device: it is an unknown name, or every slot being taken, which
// passes when a monitor departs.
constexpr StatusMeaning kMeanings[] = {
    {0xC000009A, "STATUS_INSUFFICIENT_RESOURCES", Reaction::retry,
     "the driver has no descriptor or memory left for it; free some, or try again in a moment"},
    {proto::kStatusInvalidParameter, "STATUS_INVALID_PARAMETER", Reaction::reject,
     "the driver refuses the request; change the mode or the id"},
    {proto::kStatusBufferTooSmall, "STATUS_BUFFER_TOO_SMALL", Reaction::bug,
     "the reply buffer is too small"},
    {proto::kStatusNotSupported, "STATUS_NOT_SUPPORTED", Reaction::fallback,
     "this driver cannot do it"},
    {proto::kStatusNotFound, "STATUS_NOT_FOUND", Reaction::retry,
     "the driver knows no such monitor, has none free, or lacks the operation"},
};

const StatusMeaning* find_meaning(std::uint32_t status) {
    for (const StatusMeaning& meaning : kMeanings) {
        if (meaning.status == status) {
            return &meaning;
        }
    }
    return nullptr;
}

// For drivers that say nothing.
const char* usual_meaning(std::uint32_t code, std::uint32_t status) {
    if (code == proto::kIoctlAdd && status == proto::kStatusNotFound) {
        return "no monitor can be created (15 at most); remove one";
    }
    const StatusMeaning* meaning = find_meaning(status);
    return meaning != nullptr ? meaning->detail : "the driver failed the request";
}

}  // namespace

Reaction reaction_of_status(std::uint32_t status) {
    const StatusMeaning* meaning = find_meaning(status);
    return meaning != nullptr ? meaning->reaction : Reaction::reject;
}

std::string_view status_name(std::uint32_t status) {
    const StatusMeaning* meaning = find_meaning(status);
    return meaning != nullptr ? meaning->name : std::string_view();
}

const char* operation_name(std::uint32_t code) {
    switch (code) {
        case proto::kIoctlAdd: return "Add";
        case proto::kIoctlRemove: return "Remove";
        case proto::kIoctlSetRenderAdapter: return "SetRenderAdapter";
        case proto::kIoctlPing: return "Ping";
        case proto::kIoctlGetInfo: return "GetInfo";
        case proto::kIoctlClearAll: return "ClearAll";
        case proto::kIoctlSetFrameChannel: return "SetFrameChannel";
        case proto::kIoctlUpdateModes: return "UpdateModes";
        case proto::kIoctlSetCursorChannel: return "SetCursorChannel";
        case proto::kIoctlSetCursorForward: return "SetCursorForward";
        case proto::kIoctlAddExact: return "Add";
        case proto::kIoctlUpdateModesExact: return "UpdateModes";
        default: return "control operation";
    }
}

tl::unexpected<Error> fail_status(std::uint32_t code, std::uint32_t status, const Remark& remark) {
    const Reaction reaction = remark.final ? Reaction::reject : reaction_of_status(status);
    return fail(operation_name(code), status, reaction,
                remark.line.empty() ? usual_meaning(code, status) : remark.line);
}

}  // namespace pf::os
