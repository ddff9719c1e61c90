#include "faults.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pf/os/test/interference.hpp>
#include <pf/os/wait.hpp>

namespace pf::chaos {
namespace {

constexpr std::int64_t kDriverComes = 10 * os::kSecond;
constexpr std::int64_t kProcessEnds = 15 * os::kSecond;
constexpr std::int64_t kMonitorsGone = os::kSecond;
constexpr std::int64_t kServerComes = 20 * os::kSecond;
constexpr std::int64_t kRequestComes = 1500 * os::kMillisecond;      // before hosts call it stopped
constexpr std::int64_t kStepDelay = 1200 * os::kMillisecond / 1000;  // a host obeys within 10 ms
constexpr std::int64_t kStormStep = 25 * os::kMillisecond;

bool wait_end(const os::Process& process) {
    return os::wait({process}, os::deadline_after(kProcessEnds));
}

// Gives the limit back, whatever happened meanwhile.
class DescriptorLimit {
public:
    static os::Result<DescriptorLimit> set(const os::Process& process, std::uint32_t more) {
        const auto limit = os::descriptor_limit_for(process, more);
        if (!limit) {
            return tl::unexpected(limit.error());
        }
        const auto before = os::limit_descriptors(process, *limit);
        if (!before) {
            return tl::unexpected(before.error());
        }
        return DescriptorLimit(process, *before);
    }
    ~DescriptorLimit() {
        if (process_ != nullptr) {
            (void)os::limit_descriptors(*process_, before_);
        }
    }
    DescriptorLimit(DescriptorLimit&& other) noexcept
        : process_(std::exchange(other.process_, nullptr)), before_(other.before_) {}
    DescriptorLimit& operator=(DescriptorLimit&&) = delete;

private:
    DescriptorLimit(const os::Process& process, std::uint64_t before)
        : process_(&process), before_(before) {}
    const os::Process* process_;
    std::uint64_t before_;
};

// Those that a request waits in.
std::vector<os::Handle> pending(const os::Process& driver, std::uint32_t client_pid) {
    std::vector<os::Handle> waiting;
    if (auto found = os::borrow_connections(driver, client_pid)) {
        for (os::Handle& connection : *found) {
            if (os::has_unread(connection)) {
                waiting.push_back(std::move(connection));
            }
        }
    }
    return waiting;
}

bool lists_client(const std::optional<os::Instance>& instance, std::size_t host) {
    const std::string start = fmt::format("{}: ", host + 1);
    return instance &&
           std::any_of(instance->monitors.begin(), instance->monitors.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
}

}  // namespace

void FaultInjector::inject(const Fault& fault) {
    measured_from_ns_ = os::now_ns();
    stage_.note(fmt::format("fault {} {} host {} step {} twist {} protocol {} {} {}", fault.number,
                            to_string(fault.kind), fault.host, fault.step, fault.twist,
                            fault.shape.protocol, fault.shape.pattern, fault.shape.format));
    stage_.judge.begin(fault, measured_from_ns_);
    const Done done = apply(fault);
    stage_.pump();
    const std::int64_t over_ns = os::now_ns();
    if (done == Done::injected) {
        stage_.judge.over(measured_from_ns_, over_ns);
    } else {
        stage_.judge.skip(over_ns);
    }
    stage_.note(fmt::format("fault {} {}", fault.number,
                            done == Done::injected ? "is over" : "is skipped"));
}

FaultInjector::Done FaultInjector::apply(const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::driver_kill: return kill_driver();
        case FaultKind::driver_pause: return pause_driver(fault);
        case FaultKind::driver_stop: return stop_driver(fault);
        case FaultKind::driver_upgrade: return upgrade_driver(fault);
        case FaultKind::host_kill: return kill_host(fault);
        case FaultKind::connection_cut: return fault.twist ? cut_all(fault) : cut_pending(fault);
        case FaultKind::delivery_refused: return refuse_delivery(fault);
        case FaultKind::host_starved: return starve_host(fault);
        case FaultKind::format_flip: return flip_format(fault);
        case FaultKind::mode_storm: return storm_modes(fault);
        case FaultKind::x_server_kill: break;
    }
    return kill_x_server();
}

void FaultInjector::hold(std::int64_t ns) {
    stage_.pump_until(os::deadline_after(ns), [] { return false; });
}

os::Process FaultInjector::living_driver() {
    os::Process found = stage_.driver.process();
    stage_.pump_until(os::deadline_after(kDriverComes), [&] {
        found = found ? std::move(found) : stage_.driver.process();
        return static_cast<bool>(found);
    });
    return found;
}

std::size_t FaultInjector::thread_host(const Fault& fault) const {
    return 2 * (fault.host % ((stage_.crew.size() + 1) / 2));
}

std::size_t FaultInjector::process_host(const Fault& fault) const {
    return 2 * (fault.host % (stage_.crew.size() / 2)) + 1;
}

bool FaultInjector::end_driver(os::StopHow how) {
    const os::Process driver = living_driver();
    if (!driver) {
        return false;
    }
    measure_from_now();
    os::stop_process(driver, how);
    if (!wait_end(driver)) {
        stage_.judge.violate(fmt::format("driver {} does not end when told to", driver.pid()));
    }
    return true;
}

FaultInjector::Done FaultInjector::kill_driver() {
    return end_driver(os::StopHow::kill) ? Done::injected : Done::skipped;
}

FaultInjector::Done FaultInjector::pause_driver(const Fault& fault) {
    const os::Process driver = living_driver();
    if (!driver || !os::suspend_process(driver)) {
        return Done::skipped;
    }
    hold(fault.hold_ns);
    (void)os::resume_process(driver);
    measure_from_now();
    return Done::injected;
}

FaultInjector::Done FaultInjector::stop_driver(const Fault& fault) {
    stage_.driver.let_nobody_replace(fault.twist);
    const os::Process driver = living_driver();
    const bool stopped = driver && os::suspend_process(driver).has_value();
    if (stopped) {
        stage_.pump_until(os::deadline_after(fault.hold_ns), [&] { return !driver.alive(); });
        if (driver.alive()) {
            (void)os::resume_process(driver);
            measure_from_now();
        }
    }
    stage_.driver.let_nobody_replace(false);
    return stopped ? Done::injected : Done::skipped;
}

FaultInjector::Done FaultInjector::upgrade_driver(const Fault& fault) {
    stage_.shape = fault.shape;
    stage_.driver.reshape(fault.shape);
    return end_driver(fault.twist ? os::StopHow::kill : os::StopHow::ask) ? Done::injected
                                                                          : Done::skipped;
}

// The monitors of the dead are gone soon, and the next one in its place starts clean.
FaultInjector::Done FaultInjector::kill_host(const Fault& fault) {
    const std::size_t host = process_host(fault);
    const CrewMember* member = stage_.crew.member(host);
    const std::uint32_t driver_pid = stage_.driver.process().pid();
    stage_.judge.host_leaves(host);
    os::stop_process(*member->process(), os::StopHow::kill);
    const std::int64_t killed_ns = os::now_ns();
    ++stage_.hosts_killed;
    const bool gone = stage_.pump_until(
        killed_ns + kMonitorsGone, [&] { return !lists_client(stage_.driver.listed(), host); });
    stage_.judge.noticed_after(os::now_ns() - killed_ns);
    if (!gone && !stage_.over() && stage_.driver.process().pid() == driver_pid) {
        stage_.judge.violate(
            fmt::format("host {} was killed and the driver still lists its monitor", host));
    }
    stage_.crew.forget(host);
    stage_.start_host(host);
    return Done::injected;
}

// A request lies in the socket of a driver that stands still. The connection ends then; the driver
// still reads the request and does as it says, and nobody hears the reply.
FaultInjector::Done FaultInjector::cut_pending(const Fault& fault) {
    const std::size_t host = fault.host % stage_.crew.size();
    CrewMember* member = stage_.crew.member(host);
    const std::uint32_t client =
        member->process() != nullptr ? member->process()->pid() : os::current_pid();
    const os::Process driver = living_driver();
    if (!driver || !os::borrow_connections(driver, client)) {
        return Done::skipped;
    }
    member->command({fault.step % 2 == 0 ? HostCommand::What::resize : HostCommand::What::reopen,
                     fault.mode, pixel_format(stage_.shape.format)});
    os::sleep_until(os::deadline_after(fault.step * kStepDelay));
    if (!os::suspend_process(driver)) {
        return Done::skipped;
    }
    std::vector<os::Handle> waiting;
    stage_.pump_until(os::deadline_after(kRequestComes), [&] {
        waiting = pending(driver, client);
        return !waiting.empty();
    });
    for (const os::Handle& connection : waiting) {
        os::cut(connection);
    }
    (void)os::resume_process(driver);
    measure_from_now();
    return waiting.empty() ? Done::skipped : Done::injected;
}

FaultInjector::Done FaultInjector::cut_all(const Fault& fault) {
    const CrewMember* member = stage_.crew.member(fault.host % stage_.crew.size());
    const std::uint32_t client =
        member->process() != nullptr ? member->process()->pid() : os::current_pid();
    const os::Process driver = living_driver();
    if (!driver) {
        return Done::skipped;
    }
    const auto connections = os::borrow_connections(driver, client);
    if (!connections || connections->empty()) {
        return Done::skipped;
    }
    for (const os::Handle& connection : *connections) {
        os::cut(connection);
    }
    return Done::injected;
}

FaultInjector::Done FaultInjector::refuse_delivery(const Fault& fault) {
    const os::Process driver = living_driver();
    if (!driver) {
        return Done::skipped;
    }
    {
        const auto limit = DescriptorLimit::set(driver, fault.step);
        if (!limit) {
            return Done::skipped;
        }
        stage_.crew.member(thread_host(fault))
            ->command({fault.twist ? HostCommand::What::reopen : HostCommand::What::resize,
                       fault.mode, pixel_format(stage_.shape.format)});
        hold(fault.hold_ns);
    }
    measure_from_now();
    return Done::injected;
}

FaultInjector::Done FaultInjector::starve_host(const Fault& fault) {
    const os::Process& process = *stage_.crew.member(process_host(fault))->process();
    {
        const auto limit = DescriptorLimit::set(process, fault.step);
        if (!limit) {
            return Done::skipped;
        }
        if (fault.twist) {
            end_driver(os::StopHow::kill);
        }
        hold(fault.hold_ns);
    }
    measure_from_now();
    return Done::injected;
}

// Hosts that follow open anew; the others have no picture until the driver comes back as it was.
FaultInjector::Done FaultInjector::flip_format(const Fault& fault) {
    stage_.driver.reshape(fault.shape);
    if (!end_driver(os::StopHow::kill)) {
        return Done::skipped;
    }
    if (fault.twist) {
        stage_.shape = fault.shape;
        command_reopen();
    } else {
        hold(fault.hold_ns);
        stage_.driver.reshape(stage_.shape);
        end_driver(os::StopHow::kill);
    }
    return Done::injected;
}

void FaultInjector::command_reopen() {
    for (std::size_t host = 0; host < stage_.crew.size(); ++host) {
        CrewMember* member = stage_.crew.member(host);
        if (member->command({HostCommand::What::reopen, {}, pixel_format(stage_.shape.format)})) {
            continue;
        }
        stage_.judge.host_leaves(host);
        member->ask_to_end();
        if (!member->wait_ended(os::deadline_after(kProcessEnds))) {
            stage_.judge.violate(fmt::format("host {} does not end when told to", host));
        }
        stage_.pump();
        stage_.crew.forget(host);
        stage_.start_host(host);
    }
}

FaultInjector::Done FaultInjector::storm_modes(const Fault& fault) {
    Random random(fault.number);
    const std::int64_t end_ns = os::deadline_after(fault.hold_ns);
    while (os::now_ns() < end_ns && !stage_.over()) {
        for (std::size_t host = 0; host < stage_.crew.size(); host += 2) {
            stage_.crew.member(host)->command({HostCommand::What::resize, draw_mode(random), {}});
        }
        hold(kStormStep);
    }
    measure_from_now();
    return Done::injected;
}

FaultInjector::Done FaultInjector::kill_x_server() {
    const os::Process server = stage_.driver.x_server();
    if (!server) {
        return Done::skipped;
    }
    os::stop_process(server, os::StopHow::kill);
    const bool back = wait_end(server) && stage_.pump_until(os::deadline_after(kServerComes), [&] {
        const os::Process next = stage_.driver.x_server();
        return next && !(next.identity() == server.identity());
    });
    if (!back && !stage_.over()) {
        stage_.judge.violate("no new X server came");
    }
    return Done::injected;
}

}  // namespace pf::chaos
