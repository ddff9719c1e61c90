// The X desktop of an x11 driver, and programs that make something move on it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <pf/host/mode.hpp>
#include <pf/os/process.hpp>

namespace pf::rig {

// What an x11 driver notes of its server in its instance's directory.
struct DesktopServer {
    std::string display;
    std::string xauthority;
    os::ProcessIdentity process;
};

// Pure: "key=value" lines. nullopt: no display in them yet.
std::optional<DesktopServer> parse_server_record(const std::string& text);
std::optional<DesktopServer> read_server_record(const std::string& instance_directory);

// The server that the record in the directory names; empty when it does not run.
os::Process open_server(const std::string& instance_directory);
// Asks it to end, and kills it after 2 s.
void end_server(const os::Process& server);

// Programs that run until this ends. They die with the thread that started them.
class DesktopPrograms {
public:
    // Starts those of a small set that this machine has. Their output and their temporary files
    // (xterm's cursor theme stays behind when it is killed as it starts) go to `directory`.
    void start(const DesktopServer& server, const host::Mode& mode, const std::string& directory);
    std::vector<std::string> names() const;

private:
    std::map<std::string, os::ChildProcess> running_;
};

}  // namespace pf::rig
