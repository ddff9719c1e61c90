#include <cstdio>
#include <exception>

#include <pf/sinks/frame_sink.hpp>

#include "command_line.hpp"
#include "exit_code.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) try {
    pf::sinks::silence_libraries();
    const auto parsed = pf::cli::parse_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) {
        return *code;
    }
    return std::visit([](const auto& options) { return pf::cli::run(options); },
                      std::get<pf::cli::Command>(parsed));
} catch (const std::exception& error) {  // out of memory, most likely
    std::fprintf(stderr, "pfvd: %s\n", error.what());
    return static_cast<int>(pf::cli::ExitCode::failed);
}
