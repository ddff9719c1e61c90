#include <pf/rig/program.hpp>

#include "crew.hpp"
#include "options.hpp"
#include "session.hpp"

int main(int argc, char** argv) {
    return pf::rig::run_program(pf::chaos::kProgram, [&] {
        const auto parsed = pf::chaos::parse_command_line(argc, argv);
        if (const int* code = std::get_if<int>(&parsed)) {
            return *code;
        }
        const auto& options = std::get<pf::chaos::Options>(parsed);
        return options.worker.log.empty() ? pf::chaos::run(options)
                                          : pf::chaos::run_worker(options);
    });
}
