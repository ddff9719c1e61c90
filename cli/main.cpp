#include <exception>

#include <pf/os/program_start.hpp>
#include <pf/sinks/frame_sink.hpp>

#include "command_line.hpp"
#include "console.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) try {
    pf::os::begin_program();
    pf::sinks::silence_libraries();
    const auto parsed = pf::cli::parse_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) {
        return *code;
    }
    return std::visit([](const auto& options) { return pf::cli::run(options); },
                      std::get<pf::cli::Command>(parsed));
} catch (const std::exception& error) {  // out of memory, most likely
    pf::cli::print_aside("pfvd: ");
    pf::cli::print_aside(error.what());
    pf::cli::print_aside("\n");
    return pf::cli::to_int(pf::cli::ExitCode::failed);
} catch (...) {
    pf::cli::print_aside("pfvd: something failed that has no name\n");
    return pf::cli::to_int(pf::cli::ExitCode::failed);
}
