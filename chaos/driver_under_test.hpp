// The driver under test: a supervised process that comes back in the shape that is wanted, and the
// X server behind it. Any thread calls replace(); one thread the rest. The destructor ends both.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <pf/os/device_channel.hpp>
#include <pf/rig/desktop.hpp>
#include <pf/rig/supervisor.hpp>

#include "plan.hpp"

namespace pf::chaos {

struct DriverOptions {
    std::string program;
    std::string instance;
    Source source = Source::pattern;
    std::string directory;  // for the other path of the program
    bool talkative = false;
};

class DriverUnderTest {
public:
    static os::Result<std::unique_ptr<DriverUnderTest>> start(const DriverOptions& options,
                                                              const os::Flag& cancel);
    ~DriverUnderTest();
    DriverUnderTest(const DriverUnderTest&) = delete;
    DriverUnderTest& operator=(const DriverUnderTest&) = delete;

    os::Process process() const;  // the one that runs now; empty: none
    // The next ones start so; at another path only where programs there may run.
    void reshape(const DriverShape& shape);
    // As a host asks for when the driver does not answer.
    void replace(std::uint32_t pid);
    void let_nobody_replace(bool nobody) { nobody_replaces_ = nobody; }

    std::optional<os::Instance> listed() const;  // as everybody sees it
    std::uint64_t started() const { return supervisor_->restarts() + 1; }

    // For what ends it when others hang.
    std::shared_ptr<rig::Supervisor> supervisor() const { return supervisor_; }

    // x11 only: the server as the driver noted it, and the programs that move its picture.
    os::Process x_server();
    void animate();  // begins again whenever there is another server

    // What it may have left behind: empty when nothing. After end().
    void end();
    std::string left_behind() const;

private:
    explicit DriverUnderTest(const DriverOptions& options) : options_(options) {}
    std::vector<std::string> arguments(const DriverShape& shape) const;
    std::string instance_directory() const;
    bool copy_program();

    DriverOptions options_;
    std::string copy_;  // empty: there is none
    std::shared_ptr<rig::Supervisor> supervisor_;
    std::atomic<bool> nobody_replaces_{false};
    std::set<std::string> displays_;  // of every server that there was
    os::ProcessIdentity animated_;
    std::unique_ptr<rig::DesktopPrograms> programs_;
};

}  // namespace pf::chaos
