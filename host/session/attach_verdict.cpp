#include "session/attach_verdict.hpp"

#include <pf/proto/frame.hpp>

namespace pf::host {

AttachState attach_state(std::uint32_t driver_status) {
    switch (driver_status) {
        case proto::kDriverStatusNone: return AttachState::waiting;
        case proto::kDriverStatusOpened: return AttachState::opened;
        default: return AttachState::failed;
    }
}

std::string attach_failure(std::uint32_t driver_status, std::uint32_t detail,
                           const std::string& reason) {
    const std::string code = " (detail " + std::to_string(detail) + ")";
    if (!reason.empty()) {
        return "the driver does not take the ring" + code + ": " + reason;
    }
    switch (driver_status) {
        case proto::kDriverStatusTextureFail:
            return "the driver cannot open the ring's slots" + code +
                   ": it knows no memory slots, or is short of memory or descriptors; update it "
                   "or free some";
        case proto::kDriverStatusNoDevice1:
            return "the driver has no graphics device for shared slots" + code +
                   ": choose another render adapter";
        case proto::kDriverStatusBindFail:
            return "the driver says that the ring belongs to another monitor" + code +
                   ": open the session again";
        default:
            return "the driver reports unknown status " + std::to_string(driver_status) + code +
                   ": it does not keep to the contract";
    }
}

std::string attach_timeout(std::uint32_t detail) {
    const std::string why = why_no_frame(detail);
    return why.empty() ? "the driver took the ring and never opened it: restart the driver" : why;
}

std::string why_no_frame(std::uint32_t detail) {
    const auto opened = proto::unpack_opened_detail(detail);
    if (!opened.live) {
        return {};
    }
    if (opened.offered == 0) {
        return "the driver opened the ring but nothing was composed: is the monitor in use?";
    }
    if (every_frame_mismatched(detail)) {
        return "all " + std::to_string(opened.offered) +
               " frames had another size or pixel format than asked for";
    }
    return "the driver composed " + std::to_string(opened.offered) +
           " frames and published none: record for longer, or restart the driver";
}

bool every_frame_mismatched(std::uint32_t detail) {
    const auto opened = proto::unpack_opened_detail(detail);
    return opened.live && opened.offered > 0 && opened.mismatched >= opened.offered;
}

}  // namespace pf::host
