#include <pf/rig/exit_code.hpp>

#include <pf/host/errors.hpp>

namespace pf::rig {
namespace {

ExitCode exit_code_of(const os::Error& error, ExitCode when_gone) {
    switch (host::kind(error)) {
        case host::ErrorKind::no_driver: return when_gone;
        case host::ErrorKind::driver_lost: return when_gone;
        case host::ErrorKind::timeout: return when_gone;
        case host::ErrorKind::protocol_mismatch: return ExitCode::protocol_mismatch;
        case host::ErrorKind::refused: return ExitCode::refused;
        case host::ErrorKind::display_off: return ExitCode::no_frame;
        case host::ErrorKind::closed: return ExitCode::interrupted;
        case host::ErrorKind::internal: break;
    }
    return ExitCode::failed;
}

}  // namespace

std::string exit_code_table() {
    return "Exit codes:\n"
           "  0    done: all that was asked for is there\n"
           "  1    failed otherwise\n"
           "  2    usage\n"
           "  3    no usable driver\n"
           "  4    protocol mismatch\n"
           "  5    driver lost beyond the budget\n"
           "  6    refused by the driver\n"
           "  7    output cannot be written\n"
           "  8    no frame came\n"
           "  130  interrupted (Ctrl-C, SIGTERM, SIGHUP, SIGQUIT): files are finished";
}

ExitCode exit_code_of_open(const os::Error& error) {
    return exit_code_of(error, ExitCode::no_driver);
}

ExitCode exit_code_of_run(const os::Error& error) {
    return exit_code_of(error, ExitCode::driver_lost);
}

}  // namespace pf::rig
