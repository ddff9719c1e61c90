#include "driver_under_test.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/rig/driver_program.hpp>

namespace pf::chaos {
namespace {

constexpr std::int64_t kStart = 20 * os::kSecond;
constexpr std::uint32_t kPatience = 1000;  // an upgrade right after a start is no failure
const host::Mode kAnimated{1280, 720, 60};

std::string x_lock_of(const std::string& display) {
    return "/tmp/.X" + display.substr(1) + "-lock";
}

}  // namespace

os::Result<std::unique_ptr<DriverUnderTest>> DriverUnderTest::start(const DriverOptions& options,
                                                                    const os::Flag& cancel) {
    std::unique_ptr<DriverUnderTest> driver(new DriverUnderTest(options));
    if (driver->copy_program()) {
        driver->copy_ = options.directory + "/another-driver";
    }
    auto supervisor = rig::Supervisor::start(
        {options.instance, driver->arguments({}), rig::RestartLimits{.max_failures = kPatience}});
    if (!supervisor) {
        return tl::unexpected(supervisor.error());
    }
    driver->supervisor_ = std::move(*supervisor);
    auto ready = driver->supervisor_->wait_ready(os::deadline_after(kStart), &cancel);
    if (!ready) {
        return tl::unexpected(ready.error());
    }
    return driver;
}

DriverUnderTest::~DriverUnderTest() {
    end();
}

void DriverUnderTest::end() {
    programs_.reset();
    if (supervisor_) {
        supervisor_->end(os::StopHow::ask);
    }
}

std::string DriverUnderTest::instance_directory() const {
    return os::runtime_directory() + "/" + options_.instance;
}

bool DriverUnderTest::copy_program() {
    std::error_code failed;
    const std::string copy = options_.directory + "/another-driver";
    std::filesystem::copy_file(options_.program, copy, failed);
    if (failed) {
        return false;
    }
    os::ChildProcess::Options child;
    child.arguments = {copy, "--version"};
    child.output_file = options_.directory + "/another-driver.output";
    auto spawned = os::ChildProcess::spawn(child);  // there may be no leave to run it from there
    return spawned && spawned->wait_exit(os::deadline_after(kStart)) &&
           spawned->exit_status().exited && spawned->exit_status().code == 0;
}

std::vector<std::string> DriverUnderTest::arguments(const DriverShape& shape) const {
    const bool pattern = options_.source == Source::pattern;
    rig::DriverLaunch launch;
    launch.instance = options_.instance;
    launch.source = pattern ? "pattern" : "x11";
    launch.pattern = pattern ? shape.pattern : "";
    launch.format = pattern ? shape.format : "";
    launch.protocol = std::to_string(shape.protocol);
    const bool copied = shape.copied_program && !copy_.empty();
    auto arguments = rig::driver_arguments(copied ? copy_ : options_.program, launch);
    if (options_.talkative) {
        arguments.insert(arguments.end(), {"--log-level", "debug"});
    }
    return arguments;
}

void DriverUnderTest::reshape(const DriverShape& shape) {
    supervisor_->set_arguments(arguments(shape));
}

os::Process DriverUnderTest::process() const {
    auto process = os::Process::open(supervisor_->pid());
    return process ? std::move(*process) : os::Process();
}

void DriverUnderTest::replace(std::uint32_t pid) {
    if (!nobody_replaces_) {
        supervisor_->replace(pid);
    }
}

std::optional<os::Instance> DriverUnderTest::listed() const {
    if (const auto instances = os::list_instances()) {
        for (const os::Instance& instance : *instances) {
            if (instance.name == options_.instance) {
                return instance;
            }
        }
    }
    return std::nullopt;
}

os::Process DriverUnderTest::x_server() {
    if (const auto record = os::noted_display_server(instance_directory())) {
        displays_.insert(record->display);
    }
    return os::open_display_server(instance_directory());
}

void DriverUnderTest::animate() {
    if (options_.source != Source::x11) {
        return;
    }
    const os::Process server = x_server();
    const auto record = os::noted_display_server(instance_directory());
    if (!server || !record || server.identity() == animated_) {
        return;
    }
    animated_ = server.identity();
    programs_ = std::make_unique<rig::DesktopPrograms>();
    programs_->start(*record, kAnimated, options_.directory);
}

std::string DriverUnderTest::left_behind() const {
    for (const std::string& display : displays_) {
        std::error_code ignored;
        const std::string lock = x_lock_of(display);
        if (std::filesystem::exists(lock, ignored)) {
            return lock;
        }
    }
    return {};
}

}  // namespace pf::chaos
