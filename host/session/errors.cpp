#include <pf/host/errors.hpp>

#include <pf/os/device_channel.hpp>

namespace pf::host {

ErrorKind kind(const os::Error& error) {
    switch (error.code) {
        case kNoDriver: return ErrorKind::no_driver;
        case kProtocolMismatch: return ErrorKind::protocol_mismatch;
        case kDriverLost: return ErrorKind::driver_lost;
        case kDisplayOff: return ErrorKind::display_off;
        case kAttachTimeout:
        case os::DeviceChannel::kTimeout: return ErrorKind::timeout;
        case kClosed:
        case os::DeviceChannel::kCancelled: return ErrorKind::closed;
        default: break;
    }
    switch (error.reaction) {
        case os::Reaction::reject: return ErrorKind::refused;
        case os::Reaction::reopen: return ErrorKind::driver_lost;
        default: return ErrorKind::internal;
    }
}

std::string_view to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::no_driver: return "no usable driver";
        case ErrorKind::protocol_mismatch: return "protocol mismatch";
        case ErrorKind::driver_lost: return "driver lost";
        case ErrorKind::refused: return "refused";
        case ErrorKind::timeout: return "timeout";
        case ErrorKind::display_off: return "display switched off";
        case ErrorKind::closed: return "closed";
        case ErrorKind::internal: break;
    }
    return "internal error";
}

}  // namespace pf::host
