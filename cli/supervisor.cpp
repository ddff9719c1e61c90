#include "supervisor.hpp"

#include <optional>

#include <fmt/format.h>

#include <pf/host/errors.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/os/wait.hpp>

namespace pf::cli {
namespace {

constexpr std::int64_t kLookEvery = 5 * os::kMillisecond;
constexpr std::int64_t kOrderlyStop = 5 * os::kSecond;

std::optional<os::Instance> find_instance(const std::string& name) {
    if (const auto instances = os::list_instances()) {
        for (const os::Instance& instance : *instances) {
            if (instance.name == name) {
                return instance;
            }
        }
    }
    return std::nullopt;
}

os::Process open_active(const std::string& name) {
    const auto instance = find_instance(name);
    if (!instance || instance->state != os::InstanceState::active) {
        return {};
    }
    auto process = os::Process::open(instance->pid);
    return process ? std::move(*process) : os::Process();
}

tl::unexpected<os::Error> cannot_start(const std::string& detail) {
    return os::fail("start driver", host::kNoDriver, os::Reaction::reopen, detail);
}

}  // namespace

Supervisor::Supervisor(const SupervisorOptions& options, os::Event stop, std::string log_file)
    : options_(options),
      stop_(std::move(stop)),
      log_file_(std::move(log_file)),
      existing_(open_active(options.instance)),
      thread_([this] { run(); }) {}

os::Result<std::unique_ptr<Supervisor>> Supervisor::start(const SupervisorOptions& options) {
    auto stop = os::Event::create();
    if (!stop) {
        return tl::unexpected(stop.error());
    }
    const std::string directory = os::runtime_directory() + "/" + options.instance;
    if (const auto made = os::make_private_directory(directory); !made) {
        return tl::unexpected(made.error());
    }
    return std::unique_ptr<Supervisor>(
        new Supervisor(options, std::move(*stop), directory + "/driver.log"));
}

Supervisor::~Supervisor() {
    stop_.signal();
    thread_.join();
}

void Supervisor::run() {
    if (existing_) {
        if (os::wait({nullptr, &existing_, &stop_}, os::kNever) == os::Woke::cancelled) {
            return;
        }
        std::lock_guard lock(mutex_);
        existing_ = {};
        ++restarts_;
    }
    RestartPolicy policy(options_.limits);
    while (spawn()) {
        const std::int64_t born_ns = os::now_ns();
        if (os::wait({nullptr, &child_.process(), &stop_}, os::kNever) == os::Woke::cancelled) {
            stop_child();
            return;
        }
        child_.wait_exit(os::kNever);
        const RestartDecision next = policy.ended(child_.exit_status(), os::now_ns() - born_ns);
        if (next.give_up) {
            std::lock_guard lock(mutex_);
            ended_itself_ = true;
            given_up_ = fmt::format("it ends at once, exit code {}", child_.exit_status().code);
            return;
        }
        ++restarts_;
        if (os::wait({nullptr, nullptr, &stop_}, os::deadline_after(next.delay_ns)) ==
            os::Woke::cancelled) {
            return;
        }
    }
}

bool Supervisor::spawn() {
    os::ChildProcess::Options child;
    {
        std::lock_guard lock(mutex_);
        child.arguments = options_.arguments;
    }
    child.output_file = log_file_;
    child.die_with_parent = true;
    auto spawned = os::ChildProcess::spawn(child);
    std::lock_guard lock(mutex_);
    if (!spawned) {
        given_up_ = spawned.error().message();
        return false;
    }
    child_ = std::move(*spawned);
    return true;
}

void Supervisor::stop_child() {
    child_.stop(os::StopHow::ask);
    if (!child_.wait_exit(os::deadline_after(kOrderlyStop))) {
        child_.stop(os::StopHow::kill);
        child_.wait_exit(os::kNever);
    }
}

void Supervisor::set_arguments(std::vector<std::string> arguments) {
    std::lock_guard lock(mutex_);
    options_.arguments = std::move(arguments);
}

void Supervisor::replace(std::uint32_t pid) {
    std::lock_guard lock(mutex_);
    const os::Process& current = existing_ ? existing_ : child_.process();
    if (current && current.pid() == pid) {
        os::stop_process(current, os::StopHow::kill);
    }
}

std::uint32_t Supervisor::pid() const {
    std::lock_guard lock(mutex_);
    const os::Process& current = existing_ ? existing_ : child_.process();
    return current && current.alive() ? current.pid() : 0;
}

os::Result<void> Supervisor::wait_ready(std::int64_t deadline_ns, const os::Event* cancel) {
    for (;;) {
        const auto instance = find_instance(options_.instance);
        if (instance && instance->state == os::InstanceState::active) {
            return {};
        }
        const std::string reason = instance ? instance->reason : "it did not come up";
        {
            std::lock_guard lock(mutex_);
            if (!given_up_.empty()) {
                const bool failed =
                    ended_itself_ && instance && instance->state == os::InstanceState::failed;
                return cannot_start(fmt::format("instance '{}': {}; see {}", options_.instance,
                                                failed ? reason : given_up_, log_file_));
            }
        }
        if (os::now_ns() >= deadline_ns) {
            return cannot_start(fmt::format("instance '{}' is not active in time: {}; see {}",
                                            options_.instance, reason, log_file_));
        }
        if (os::wait({nullptr, nullptr, cancel}, os::deadline_after(kLookEvery)) ==
            os::Woke::cancelled) {
            return os::fail("start driver", host::kClosed, os::Reaction::retry, "interrupted");
        }
    }
}

}  // namespace pf::cli
