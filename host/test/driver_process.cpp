#include "test/driver_process.hpp"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/os/runtime_dir.hpp>

namespace pf::host::test {
namespace {

constexpr std::int64_t kPatienceNs = 30 * os::kSecond;

}  // namespace

PrivateRuntime::PrivateRuntime() {
    path_ = std::filesystem::temp_directory_path() /
            ("pf-host-test-" + std::to_string(os::current_pid()));
    std::filesystem::create_directories(path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
    ::setenv("XDG_RUNTIME_DIR", path_.c_str(), 1);
}

PrivateRuntime::~PrivateRuntime() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

os::Instance find_instance(const std::string& name) {
    const auto all = os::list_instances();
    if (all) {
        for (const os::Instance& instance : *all) {
            if (instance.name == name) {
                return instance;
            }
        }
    }
    return {};
}

DriverProcess::DriverProcess(std::string instance, std::vector<std::string> more,
                             std::string source)
    : instance_(std::move(instance)), more_(std::move(more)), source_(std::move(source)) {
    restart();
}

void DriverProcess::start() {
    os::ChildProcess::Options options;
    options.arguments = {PF_TEST_DRIVER, "--instance",  instance_, "--source",
                         source_,        "--log-level", "warn"};
    options.arguments.insert(options.arguments.end(), more_.begin(), more_.end());
    options.die_with_parent = true;
    auto child = os::ChildProcess::spawn(options);
    ASSERT_TRUE(child) << child.error().message();
    child_ = std::move(*child);
}

void DriverProcess::restart() {
    start();
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    for (;;) {
        const os::Instance found = find_instance(instance_);
        if (found.state == os::InstanceState::active && found.pid == pid()) {
            return;
        }
        ASSERT_LT(os::now_ns(), deadline_ns) << "the driver does not start";
        os::sleep_until(os::deadline_after(2 * os::kMillisecond));
    }
}

void DriverProcess::kill() {
    child_.stop(os::StopHow::kill);
    ASSERT_TRUE(child_.wait_exit(os::deadline_after(kPatienceNs)));
}

void DriverProcess::stop() {
    child_.stop(os::StopHow::ask);
    ASSERT_TRUE(child_.wait_exit(os::deadline_after(kPatienceNs)));
}

void DriverProcess::suspend() {
    ::kill(static_cast<pid_t>(pid()), SIGSTOP);
}
void DriverProcess::resume() {
    ::kill(static_cast<pid_t>(pid()), SIGCONT);
}

}  // namespace pf::host::test
