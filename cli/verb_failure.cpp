#include "verb_failure.hpp"

#include <pf/os/interrupt.hpp>

#include "console.hpp"
#include "json_text.hpp"

namespace pf::cli {

int fail_verb(std::string_view verb, bool json, ExitCode code, const os::Error& error) {
    if (os::interrupted()) {
        code = ExitCode::interrupted;
    }
    if (json) {
        (void)write_output(failure_json(code, error.message()));
    }
    return code == ExitCode::interrupted ? to_int(code) : report(verb, code, error);
}

}  // namespace pf::cli
