#include <pf/rig/program.hpp>
#include <pf/sinks/frame_sink.hpp>

#include "command_line.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) {
    return pf::rig::run_program("pfvd", [&] {
        pf::sinks::silence_libraries();
        const auto parsed = pf::cli::parse_command_line(argc, argv);
        if (const int* code = std::get_if<int>(&parsed)) {
            return *code;
        }
        return std::visit([](const auto& options) { return pf::cli::run(options); },
                          std::get<pf::cli::Command>(parsed));
    });
}
