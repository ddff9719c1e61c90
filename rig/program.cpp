#include <pf/rig/program.hpp>

#include <exception>

#include <pf/os/program_start.hpp>
#include <pf/rig/console.hpp>

namespace pf::rig {

int run_program(const char* name, const std::function<int()>& body) noexcept try {
    os::begin_program();
    return body();
} catch (const std::exception& error) {  // out of memory, most likely: nothing is put together
    for (const char* part : {name, ": ", error.what(), "\n"}) {
        print_aside(part);
    }
    return to_int(ExitCode::failed);
} catch (...) {
    print_aside(name);
    print_aside(": something failed that has no name\n");
    return to_int(ExitCode::failed);
}

}  // namespace pf::rig
