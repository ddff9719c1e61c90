// Real driver processes in a runtime directory of their own; tests that kill and restart them play
// the supervisor.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <pf/os/device_channel.hpp>
#include <pf/os/process.hpp>

namespace pf::host::test {

// The runtime directory of this process as long as the object lives. One at a time.
class PrivateRuntime {
public:
    PrivateRuntime();
    PrivateRuntime(const PrivateRuntime&) = delete;
    ~PrivateRuntime();

private:
    std::filesystem::path path_;
};

// Its processes end with the thread that started them (the system knows no better).
class DriverProcess {
public:
    // Serving when this returns, or the test has failed.
    explicit DriverProcess(std::string instance = "main", std::vector<std::string> more = {},
                           std::string source = "pattern");

    void restart();
    void kill();     // at once, as kill -9
    void stop();     // in an orderly way
    void suspend();  // SIGSTOP
    void resume();   // SIGCONT
    std::uint32_t pid() const { return child_.process().pid(); }

private:
    void start();
    std::string instance_;
    std::vector<std::string> more_;
    std::string source_;
    os::ChildProcess child_;
};

os::Instance find_instance(const std::string& name);

}  // namespace pf::host::test
