// Makes a planned fault happen, and tells the judge when it began and when it was over. Works on
// real processes from outside; what this system does not permit is skipped. One thread.
#pragma once

#include "stage.hpp"

namespace pf::chaos {

class FaultInjector {
public:
    explicit FaultInjector(Stage& stage) : stage_(stage) {}
    void inject(const Fault& fault);

private:
    enum class Done { injected, skipped };
    Done apply(const Fault& fault);
    Done kill_driver();
    Done pause_driver(const Fault& fault);
    Done stop_driver(const Fault& fault);
    Done upgrade_driver(const Fault& fault);
    Done kill_host(const Fault& fault);
    Done cut_pending(const Fault& fault);
    Done cut_all(const Fault& fault);
    Done refuse_delivery(const Fault& fault);
    Done starve_host(const Fault& fault);
    Done flip_format(const Fault& fault);
    Done storm_modes(const Fault& fault);
    Done kill_x_server();

    os::Process living_driver();  // waits for one; empty: none came
    bool end_driver(os::StopHow how);
    std::size_t thread_host(const Fault& fault) const;
    std::size_t process_host(const Fault& fault) const;
    void command_reopen();
    void measure_from_now() { measured_from_ns_ = os::now_ns(); }
    void hold(std::int64_t ns);

    Stage& stage_;
    std::int64_t measured_from_ns_ = 0;
};

}  // namespace pf::chaos
