#include <pf/rig/supervisor.hpp>

#include <exception>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include <pf/host/errors.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/os/wait.hpp>

#include <pf/rig/desktop.hpp>

namespace pf::rig {
namespace {

constexpr std::int64_t kLookEvery = 5 * os::kMillisecond;
constexpr std::int64_t kOrderlyStop = 10 * os::kSecond;  // an X server that hangs takes 6 s of it
constexpr std::int64_t kWorthTelling = 2 * os::kSecond;

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

std::string how_it_ended(const os::ExitStatus& status) {
    return status.exited ? fmt::format("it ends at once, exit code {}", status.code)
                         : fmt::format("it ends at once, by signal {}", status.code);
}

// A driver ends its server in an orderly stop, but one that was killed leaves it. Whoever serves
// the instance by now keeps it.
void end_left_server(const std::string& instance, const std::string& directory) {
    const os::Process server = os::open_display_server(directory);
    if (!server) {
        return;
    }
    const auto before = find_instance(instance);
    auto held = os::InstanceDirectory::acquire(instance);
    if (!held) {
        return;
    }
    end_server(server);
    if (before && before->state == os::InstanceState::failed) {
        (void)held->set_state(before->state, before->reason, before->protocol);
    }
}

bool stopped_before(std::int64_t deadline_ns, const os::Flag& stop) {
    return os::wait({stop}, deadline_ns);
}

}  // namespace

Supervisor::Supervisor(const SupervisorOptions& options, Events events, std::string directory)
    : options_(options),
      events_(std::move(events)),
      directory_(std::move(directory)),
      log_file_(directory_ + "/driver.log"),
      existing_(open_active(options.instance)) {}

os::Result<std::shared_ptr<Supervisor>> Supervisor::start(const SupervisorOptions& options) {
    Events events;
    for (os::Flag* event : {&events.stop, &events.hurry, &events.ended}) {
        auto created = os::Flag::create();
        if (!created) {
            return tl::unexpected(created.error());
        }
        *event = std::move(*created);
    }
    const std::string directory = os::runtime_directory() + "/" + options.instance;
    if (const auto made = os::make_private_directory(directory); !made) {
        return tl::unexpected(made.error());
    }
    std::shared_ptr<Supervisor> supervisor(new Supervisor(options, std::move(events), directory));
    auto thread = os::GuardedThread::start(
        "pf supervisor", [raw = supervisor.get()] { raw->run(); }, [](const os::Error&) {});
    if (!thread) {
        supervisor->events_.ended.set();
        return tl::unexpected(thread.error());
    }
    supervisor->thread_ = std::move(*thread);
    return supervisor;
}

Supervisor::~Supervisor() {
    end(os::StopHow::ask);
    thread_.join();
}

void Supervisor::end(os::StopHow how) {
    if (how == os::StopHow::kill) {
        events_.hurry.set();
    }
    events_.stop.set();
    os::wait({events_.ended}, os::kNever);
}

void Supervisor::run() noexcept {
    try {
        watch();
    } catch (const std::exception& error) {  // out of memory, most likely
        give_up(error.what(), false);
    }
    if (child_.process()) {
        stop_child();
        end_left_server(options_.instance, directory_);
    }
    events_.ended.set();
}

bool Supervisor::await_existing() {
    if (existing_) {
        os::wait({existing_, events_.stop}, os::kNever);
        if (events_.stop.is_set()) {
            return false;
        }
        std::lock_guard lock(mutex_);
        existing_ = {};
        ++restarts_;
    }
    return true;
}

void Supervisor::watch() {
    if (!await_existing()) {
        return;
    }
    RestartPolicy policy(options_.limits);
    while (spawn()) {
        const std::int64_t born_ns = os::now_ns();
        os::wait({child_.process(), events_.stop}, os::kNever);
        if (events_.stop.is_set()) {
            return;
        }
        child_.wait_exit(os::kNever);
        const RestartDecision next = policy.ended(child_.exit_status(), os::now_ns() - born_ns);
        if (next.give_up) {
            return give_up(how_it_ended(child_.exit_status()), true);
        }
        ++restarts_;
        if (stopped_before(os::deadline_after(next.delay_ns), events_.stop)) {
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
    child.death = os::StopHow::ask;  // its X server ends with it
    auto spawned = os::ChildProcess::spawn(child);
    if (!spawned) {
        give_up(spawned.error().message(), false);
        return false;
    }
    std::lock_guard lock(mutex_);
    child_ = std::move(*spawned);
    return true;
}

void Supervisor::stop_child() {
    child_.stop(os::StopHow::ask);
    os::wait({child_.process(), events_.hurry}, os::deadline_after(kOrderlyStop));
    child_.stop(os::StopHow::kill);
    child_.wait_exit(os::kNever);
}

void Supervisor::give_up(const std::string& why, bool ended_itself) {
    std::lock_guard lock(mutex_);
    given_up_ = why;
    ended_itself_ = ended_itself;
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

os::Result<void> Supervisor::wait_ready(std::int64_t deadline_ns, const os::Flag* cancel) {
    const std::int64_t began_ns = os::now_ns();
    Progress progress;
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
        const std::int64_t now_ns = os::now_ns();
        if (now_ns >= deadline_ns) {
            return cannot_start(fmt::format("instance '{}' is not active in time: {}; see {}",
                                            options_.instance, reason, log_file_));
        }
        if (now_ns - began_ns >= kWorthTelling && progress.due(now_ns)) {
            progress.show(now_ns, fmt::format("{:6.1f} s  waiting for driver '{}'",
                                              static_cast<double>(now_ns - began_ns) / 1e9,
                                              options_.instance));
        }
        if (os::wait({cancel}, os::deadline_after(kLookEvery))) {
            return os::fail("start driver", host::kClosed, os::Reaction::retry, "interrupted");
        }
    }
}

}  // namespace pf::rig
