// A host process that lies: one turn after another, each a burst of rewriting in what it delivered
// and one thing said to the driver. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "control_line.hpp"
#include "event_hammer.hpp"
#include "lying_deliveries.hpp"
#include "shared_counts.hpp"

namespace pf::hostile {

struct HostCounts {
    Count rewrites;  // words in delivered memory
    Count requests;
    Count monitors;    // added
    Count deliveries;  // of rings
    Count opened;      // rings that the driver took
    Count gifts;
    Count connections;
    Count event_blows;
};

class LyingHost {
public:
    LyingHost(std::string instance, std::uint64_t seed, HostCounts& counts);
    void turn();

private:
    void rewrite();
    void speak();
    void add();
    void deliver();
    void deliver_cursor();
    void any_operation();
    void babble();
    void flood_with_gifts();
    void flood_with_connections();
    void leave();  // sometimes in the middle of a request
    std::uint32_t any_target();

    const std::string instance_;
    Dice dice_;
    HostCounts& counts_;
    ControlLine line_;
    std::deque<ControlLine> others_;
    std::vector<LiarsMonitor> monitors_;
    std::deque<LiarsDelivery> deliveries_;
    KnownValues known_;
    EventHammer hammer_;
    std::uint64_t blows_counted_ = 0;
};

}  // namespace pf::hostile
