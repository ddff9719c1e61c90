#include <pf/rig/desktop.hpp>

#include <charconv>
#include <fstream>
#include <sstream>

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

std::optional<DesktopServer> parse_server_record(const std::string& text) {
    DesktopServer server;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) {
            continue;
        }
        const std::string key = line.substr(0, equals), value = line.substr(equals + 1);
        const char* end = value.data() + value.size();
        if (key == "display") {
            server.display = value;
        } else if (key == "xauthority") {
            server.xauthority = value;
        } else if (key == "pid") {
            std::from_chars(value.data(), end, server.process.pid);
        } else if (key == "start") {
            std::from_chars(value.data(), end, server.process.start_ticks);
        }
    }
    return server.display.empty() ? std::nullopt : std::optional(server);
}

std::optional<DesktopServer> read_server_record(const std::string& instance_directory) {
    std::ifstream file(instance_directory + "/xserver");
    std::stringstream text;
    text << file.rdbuf();
    return parse_server_record(text.str());
}

os::Process open_server(const std::string& instance_directory) {
    const auto server = read_server_record(instance_directory);
    if (!server) {
        return {};
    }
    auto process = os::Process::open(server->process.pid);
    return process && process->identity() == server->process ? std::move(*process) : os::Process();
}

void end_server(const os::Process& server) {
    for (const os::StopHow how : {os::StopHow::ask, os::StopHow::kill}) {
        os::stop_process(server, how);
        if (os::wait({nullptr, &server, nullptr}, os::deadline_after(kServerStop)) ==
            os::Woke::process_exited) {
            return;
        }
    }
}

void DesktopPrograms::start(const DesktopServer& server, const host::Mode& mode,
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
