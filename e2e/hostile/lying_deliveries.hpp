// The rings and cursor sections of a lying host: right in all but a few respects when they are
// delivered, rewritten for as long as they live. Owned by the process that lies; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <pf/os/shared_memory.hpp>
#include <pf/proto/ring_extension.hpp>
#include <pf/proto/validate.hpp>

#include "control_line.hpp"
#include "dice.hpp"

namespace pf::hostile {

struct LiarsMonitor {
    std::uint64_t session_id = 0;
    std::uint32_t target_id = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

// What this host has ever been told, to be used again at the wrong time.
struct KnownValues {
    std::vector<std::uint64_t> values;
    void remember(std::uint64_t value);
    std::uint64_t any(Dice& dice) const;  // bogus ones included
};

class LiarsDelivery {
public:
    // Makes a ring for the monitor and delivers it, as a whole or with one thing wrong.
    LiarsDelivery(ControlLine& line, const LiarsMonitor& monitor, KnownValues& known, Dice& dice);

    // Rewrites one word that a host may write; returns how many it did.
    std::uint64_t rewrite(Dice& dice);
    // Truncates, punches, saturates, blocks. Insists that what is sealed cannot shrink.
    void abuse(Dice& dice);
    // Whether the driver said that it opened the ring.
    bool opened() const;
    // For somebody else to abuse; two at once would block each other.
    os::Handle take_event() { return std::move(event_); }

private:
    enum class Lie;
    void make_header(const LiarsMonitor& monitor, Lie lie, Dice& dice);
    void deliver(ControlLine& line, const LiarsMonitor& monitor, KnownValues& known, Lie lie,
                 Dice& dice);
    proto::SharedHeaderV3* header() const;
    proto::MemoryRing* shared() const;

    proto::RingGeometry geometry_{};
    std::uint32_t generation_ = 1;
    os::Handle header_;
    os::Handle event_;
    std::array<os::Handle, proto::kRingLen> slots_;
    os::WritableMapping mapping_;  // of the header; empty when it is no memory
    os::WritableMapping pixels_;   // of slot 0; empty when it is no memory
    bool all_right_ = false;       // when it was delivered
    bool accepted_ = false;
};

}  // namespace pf::hostile
