#include <pf/rig/desktop.hpp>

#include <fmt/format.h>

#include <pf/os/wait.hpp>

namespace pf::rig {
namespace {

constexpr std::int64_t kServerStop = 2 * os::kSecond;

struct Program {
    std::string name;
    std::vector<std::string> arguments;
};

// Something that moves all the time, at little cost: the picture is what counts, not the load.
std::vector<Program> programs_for(const host::Mode& mode) {
    const std::uint32_t unit = std::max(mode.height / 4, 60U);
    const auto place = [&](std::uint32_t w, std::uint32_t h, std::uint32_t x, std::uint32_t y) {
        return fmt::format("{}x{}+{}+{}", w, h, x, y);
    };
    const std::string clock_loop =
        "i=0; while :; do i=$((i+1)); printf '%6d  %s\\n' $i \"$(date +%T.%N)\"; sleep 0.02; done";
    return {
        {"xterm",
         {"xterm", "-fa", "Monospace", "-fs", "14", "-bg", "#10141c", "-fg", "#9fe8a0", "-geometry",
          fmt::format("60x24+{}+{}", unit / 4, unit / 4), "-T", "clock", "-e", "sh", "-c",
          clock_loop}},
        {"xclock",
         {"xclock", "-update", "1", "-geometry",
          place(unit, unit, mode.width > unit * 5 / 4 ? mode.width - unit * 5 / 4 : 0, unit / 4)}},
        {"xeyes",
         {"xeyes", "-geometry",
          place(unit, unit * 2 / 3, mode.width > unit * 5 / 4 ? mode.width - unit * 5 / 4 : 0,
                unit * 2)}},
    };
}

}  // namespace

void end_server(const os::Process& server) {
    for (const os::StopHow how : {os::StopHow::ask, os::StopHow::kill}) {
        os::stop_process(server, how);
        if (os::wait({server}, os::deadline_after(kServerStop))) {
            return;
        }
    }
}

void DesktopPrograms::start(const os::DisplayServer& server, const host::Mode& mode,
                            const std::string& directory) {
    for (const Program& program : programs_for(mode)) {
        os::ChildProcess::Options options;
        options.arguments = program.arguments;
        options.environment = {"DISPLAY=" + server.display, "XAUTHORITY=" + server.xauthority,
                               "TMPDIR=" + directory};
        options.output_file = directory + "/programs.log";
        options.die_with_parent = true;
        if (auto started = os::ChildProcess::spawn(options)) {
            running_[program.name] = std::move(*started);
        }
    }
}

std::vector<std::string> DesktopPrograms::names() const {
    std::vector<std::string> names;
    for (const auto& [name, process] : running_) {
        if (process.process().alive()) {
            names.push_back(name);
        }
    }
    return names;
}

}  // namespace pf::rig
