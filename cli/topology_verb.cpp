// pfvd topology restore: lights the screens that a capture which died has left dark.
#include <pf/rig/console.hpp>
#include <pf/rig/failure.hpp>

#include "screens.hpp"
#include "verbs.hpp"

namespace pf::cli {

int run(const TopologyRestoreOptions& options) {
    const auto recovered = Screens::recover();
    if (!recovered) {
        return rig::fail_program("pfvd topology restore", options.json, rig::ExitCode::failed,
                                 recovered.error());
    }
    const char* what = *recovered ? "the screens are lit again" : "there is nothing to light again";
    const std::string json =
        std::string("{\"restored\": ") + (*recovered ? "true" : "false") + "}\n";
    const auto told = rig::write_output(options.json ? json : std::string(what) + "\n");
    return told ? rig::to_int(rig::ExitCode::done)
                : rig::report("pfvd topology restore", rig::ExitCode::output, told.error());
}

}  // namespace pf::cli
