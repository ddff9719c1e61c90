#include "run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pf::chaos {
namespace {

// The driver writes its list for people when it has done what it lists.
constexpr std::int64_t kListConverges = 2 * os::kSecond;
constexpr std::int64_t kEnoughForTransients = 5 * os::kSecond;
constexpr std::int64_t kFirstReadings = 80 * os::kMillisecond;
constexpr std::int64_t kHostEnds = 30 * os::kSecond;

}  // namespace

void Run::run() {
    began_ns_ = os::now_ns();
    start_hosts();
    Fault fault = plan_.next();
    bool going = settle() && look_quietly();
    while (going && os::now_ns() < limits_.end_ns &&
           (limits_.faults == 0 || injected_ < limits_.faults)) {
        show_progress();
        const std::int64_t begin_ns = os::deadline_after(fault.wait_ns);
        stage_.pump_until(begin_ns, [] { return false; });
        if (stage_.over()) {
            break;
        }
        injector_.inject(fault);
        ++injected_;
        fault = plan_.next();
        going = !stage_.over() && (fault.hurried || (settle() && look_quietly()));
    }
    if (!stage_.over()) {
        settle();
    }
    progress_.clear();
    end_hosts();
}

void Run::start_hosts() {
    for (std::size_t host = 0; host < stage_.crew.size() && !stage_.over(); ++host) {
        stage_.start_host(host);
    }
}

// The judge ends the wait when somebody owes for too long.
bool Run::settle() {
    return stage_.pump_until(os::kNever, [this] {
        show_progress();
        return stage_.judge.recovered();
    });
}

// Hosts change their modes all the time: equal at one moment is enough.
bool Run::converge() {
    std::set<std::string> listed;
    const bool equal = stage_.pump_until(os::deadline_after(kListConverges), [&] {
        const auto instance = stage_.driver.listed();
        listed.clear();
        if (instance) {
            listed.insert(instance->monitors.begin(), instance->monitors.end());
        }
        return listed == stage_.judge.monitors();
    });
    if (!equal && !stage_.over()) {
        stage_.judge.violate(fmt::format("the driver lists [{}], its hosts have [{}]",
                                         fmt::join(listed, ", "),
                                         fmt::join(stage_.judge.monitors(), ", ")));
    }
    return equal;
}

bool Run::look_quietly() {
    if (!converge()) {
        return false;
    }
    // Whether there is a pointer channel decides how much a host holds.
    const std::string pointer = stage_.shape.protocol >= 5 ? ", with a pointer" : "";
    bool fine = look_at("this process" + pointer, os::current_pid());
    for (std::size_t host = 0; fine && host < stage_.crew.size(); ++host) {
        if (const os::Process* process = stage_.crew.member(host)->process()) {
            fine = look_at(fmt::format("host {} (process {}{})", host, process->pid(), pointer),
                           process->pid());
        }
    }
    const os::Process driver = stage_.driver.process();
    return fine && (!driver || look_at(fmt::format("driver {}", driver.pid()), driver.pid()));
}

// A mode that changes just now holds more for a moment, so the least of a while counts; and the
// most of a while is what a process may hold.
bool Run::look_at(const std::string& key, std::uint32_t pid) {
    const auto read = [pid] { return os::footprint(pid).value_or(os::Footprint{}); };
    os::Footprint now = read();
    if (!footprints_.knows(key)) {
        stage_.pump_until(os::deadline_after(kFirstReadings), [&] {
            now = most(now, read());
            return false;
        });
        footprints_.look(key, now);
        stage_.note(fmt::format("{} holds: {}", key, os::describe_descriptors(pid)));
        return !stage_.over();
    }
    std::string growth = footprints_.look(key, now);
    stage_.pump_until(os::deadline_after(kEnoughForTransients), [&] {
        growth = footprints_.look(key, read());
        return growth.empty();
    });
    if (!growth.empty() && !stage_.over()) {
        stage_.note(fmt::format("{} holds now: {}", key, os::describe_descriptors(pid)));
        stage_.judge.violate(growth);
    }
    return growth.empty();
}

void Run::end_hosts() {
    for (std::size_t host = 0; host < stage_.crew.size(); ++host) {
        stage_.judge.host_leaves(host);
        if (CrewMember* member = stage_.crew.member(host)) {
            member->ask_to_end();
        }
    }
    const std::int64_t deadline_ns = os::deadline_after(kHostEnds);
    for (std::size_t host = 0; host < stage_.crew.size(); ++host) {
        CrewMember* member = stage_.crew.member(host);
        if (member != nullptr && !member->wait_ended(deadline_ns)) {
            stage_.judge.violate(fmt::format("host {} does not end when told to", host));
        }
    }
    stage_.pump();
    if (!stage_.over() && stage_.driver.process()) {
        converge();
    }
    for (std::size_t host = 0; host < stage_.crew.size(); ++host) {
        stage_.crew.forget(host);
    }
}

void Run::show_progress() {
    const std::int64_t now_ns = os::now_ns();
    if (progress_.due(now_ns)) {
        progress_.show(now_ns, fmt::format("{:6.1f} s  {} faults  {} frames  {} rebuilds  {} hosts "
                                           "killed",
                                           static_cast<double>(now_ns - began_ns_) / 1e9, injected_,
                                           stage_.judge.frames(), stage_.judge.rebuilds(),
                                           stage_.hosts_killed));
    }
}

}  // namespace pf::chaos
