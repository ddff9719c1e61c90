#include <pf/rig/failure.hpp>

#include <nlohmann/json.hpp>

#include <pf/os/interrupt.hpp>
#include <pf/rig/console.hpp>

namespace pf::rig {

std::string failure_json(ExitCode code, const std::string& error) {
    using Json = nlohmann::ordered_json;
    const Json json{{"exit_code", to_int(code)}, {"error", error}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";  // any bytes
}

int fail_program(std::string_view who, bool json, ExitCode code, const os::Error& error) {
    if (os::interrupted()) {
        code = ExitCode::interrupted;
    }
    if (json) {
        (void)write_output(failure_json(code, error.message()));
    }
    return code == ExitCode::interrupted ? to_int(code) : report(who, code, error);
}

}  // namespace pf::rig
