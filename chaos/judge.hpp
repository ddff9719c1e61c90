// What must hold while faults come: every frame is whole, no session ends by itself, and after
// each fault every living host shows a fresh frame within a budget. Takes what hosts told and what
// was done to them; counts and measures. Pure: times are arguments; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <pf/rig/series.hpp>

#include "event.hpp"
#include "plan.hpp"

namespace pf::chaos {

struct KindCounts {
    std::uint64_t injected = 0;
    std::uint64_t skipped = 0;
    rig::Series
        recovery_ms;  // of each host: until its first frame that was published after the fault
    rig::Series notice_ms;  // of each host that rebuilt: until it knew
};

class Judge {
public:
    Judge(std::size_t hosts, std::int64_t budget_ns) : hosts_(hosts), budget_ns_(budget_ns) {}

    // A host begins, or begins again in the place of one that is gone: it owes a frame.
    void host_started(std::size_t host, std::int64_t now_ns);
    // It was killed or is told to end: it owes nothing.
    void host_leaves(std::size_t host);
    void take(std::size_t host, const HostEvent& event);

    // From now on deadlines wait.
    void begin(const Fault& fault, std::int64_t now_ns);
    // Whoever lives owes a frame published at `over_ns` or later. Its recovery is counted from
    // `measured_from_ns`.
    void over(std::int64_t measured_from_ns, std::int64_t over_ns);
    // It could not be done here; nobody owes more than before.
    void skip(std::int64_t now_ns);

    void noticed_after(std::int64_t ns);  // the driver noticed the current fault

    void look(std::int64_t now_ns);  // who owes for too long
    bool lives(std::size_t host) const { return hosts_[host].lives; }
    bool recovered() const;  // nobody owes anything
    void violate(const std::string& what);

    // As the driver has to list them.
    std::set<std::string> monitors() const;

    const std::array<KindCounts, kFaultKinds>& kinds() const { return kinds_; }
    std::uint64_t frames() const { return frames_; }
    std::uint64_t rebuilds() const { return rebuilds_; }  // without changes of the mode
    std::uint64_t torn() const { return torn_; }
    std::uint64_t stale() const { return stale_; }
    std::uint64_t foreign() const { return foreign_; }
    const std::vector<std::string>& violations() const { return violations_; }

private:
    struct Host {
        bool lives = false;
        std::int64_t owes_since_ns = 0;     // 0: nothing
        std::int64_t measured_from_ns = 0;  // 0: not measured
        bool noticed = true;                // the current fault
        std::string monitor;                // empty: none
        std::string trouble;                // the newest reason for having no picture
    };
    void frame(Host& host, const HostEvent& event);
    void wrong(std::size_t index, const HostEvent& event);
    void rebuilt(Host& host, const HostEvent& event);

    std::vector<Host> hosts_;
    std::int64_t budget_ns_;
    std::uint32_t fault_number_ = 0;
    FaultKind kind_{};
    std::int64_t begun_ns_ = 0;
    bool on_ = false;  // between begin() and over()
    std::array<KindCounts, kFaultKinds> kinds_;
    std::uint64_t frames_ = 0, rebuilds_ = 0, torn_ = 0, stale_ = 0, foreign_ = 0;
    std::vector<std::string> violations_;
};

}  // namespace pf::chaos
