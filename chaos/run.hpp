// One run from the first host to the last: starts, lets fault after fault come, looks at quiet
// points whether everything is as it has to be, ends all of it. One thread.
#pragma once

#include <cstdint>

#include <pf/rig/console.hpp>

#include "faults.hpp"
#include "footprint_watch.hpp"

namespace pf::chaos {

struct ChaosLimits {
    std::int64_t end_ns = os::kNever;
    std::uint64_t faults = 0;  // 0: no limit
};

class Run {
public:
    Run(Stage& stage, FaultPlan& plan, const ChaosLimits& limits)
        : stage_(stage), plan_(plan), limits_(limits), injector_(stage) {}
    void run();

private:
    void start_hosts();
    bool settle();  // everybody has recovered; false: the run is over
    bool converge();
    bool look_quietly();
    bool look_at(const std::string& key, std::uint32_t pid);
    void end_hosts();
    void show_progress();

    Stage& stage_;
    FaultPlan& plan_;
    ChaosLimits limits_;
    FaultInjector injector_;
    FootprintWatch footprints_;
    rig::Progress progress_;
    std::int64_t began_ns_ = 0;
    std::uint64_t injected_ = 0;
};

}  // namespace pf::chaos
