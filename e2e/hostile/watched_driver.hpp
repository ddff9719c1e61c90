// A real driver process whose system calls can be made to fail, and whose close(2) is watched.
#pragma once

#include <string>

#include <pf/os/process.hpp>
#include <pf/os/shared_memory.hpp>

#include "faults/fault_plan.hpp"

namespace pf::hostile {

// Whether closed descriptors are kept out of use for a while. Not where there is a limit on them.
enum class Graves { some, none };

class WatchedDriver {
public:
    // In the runtime directory of this process, which exists. Serving when this returns, or the
    // process has told why on stderr and ends.
    explicit WatchedDriver(std::string instance, Graves graves = Graves::some);
    WatchedDriver(const WatchedDriver&) = delete;
    ~WatchedDriver();

    void restart_after_death();  // that is on its way
    std::uint32_t pid() const { return child_.process().pid(); }
    FaultPlan& plan() { return *plan_; }

private:
    void start();

    std::string instance_;
    std::string plan_path_;
    FaultPlan* plan_;
    os::ChildProcess child_;
};

// Arms `plan` for the nth call from now.
void arm(FaultPlan& plan, Faulty call, std::uint32_t nth, Effect effect, int error,
         std::uint32_t victim = 0);
// Disarms; whether it happened.
bool disarm(FaultPlan& plan);

}  // namespace pf::hostile
