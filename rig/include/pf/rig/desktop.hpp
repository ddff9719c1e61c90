// The X desktop of an x11 driver, and programs that make something move on it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <pf/host/mode.hpp>
#include <pf/os/display_server.hpp>
#include <pf/os/process.hpp>

namespace pf::rig {

// Asks it to end, and kills it after 2 s.
void end_server(const os::Process& server);

// Programs that run until this ends. They die with the thread that started them.
class DesktopPrograms {
public:
    // Starts those of a small set that this machine has. Their output and their temporary files
    // (xterm's cursor theme stays behind when it is killed as it starts) go to `directory`.
    void start(const os::DisplayServer& server, const host::Mode& mode,
               const std::string& directory);
    std::vector<std::string> names() const;

private:
    std::map<std::string, os::ChildProcess> running_;
};

}  // namespace pf::rig
