// What driver core asks of the shell around it (IddCx, the Linux driver process, a fake). Core
// decides, the shell acts. Calls come from inside Dispatcher's calls, on the same thread; none of
// them may call back into it.
//
// To plug, to set modes and to unplug may take a system long, so they are only begun here. The
// shell tells the end of each later, by Dispatcher::plugged(), modes_set() and unplugged(), on the
// thread of dispatch(). One of plug and set_modes is begun at a time for a monitor.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <pf/core/edid.hpp>
#include <pf/core/mode.hpp>
#include <pf/core/mode_list.hpp>
#include <pf/core/owner.hpp>

namespace pf::core {

// Core's name of a monitor towards its shell; counts up, never reused while the driver lives.
using MonitorNumber = std::uint32_t;

struct Luid {
    std::uint32_t low;
    std::int32_t high;
};

struct MonitorSpec {
    MonitorNumber number;
    std::uint32_t monitor_id;  // 1..15, the host's remembered one
    std::uint32_t connector;   // 0..14; no other monitor has it that is plugged or not yet gone
    Mode mode;                 // the preferred one
    bool hw_cursor;            // leave the pointer out of the frames
    Luminance luminance;       // zeros: not said
    std::span<const std::uint8_t> edid;  // during the call
    const ModeList* modes;               // during the call
};

// What became of a plug.
struct PlugResult {
    bool there = false;
    std::uint32_t target_id = 0;       // the system's name of it; 0: its number serves
    std::optional<Luid> adapter = {};  // it hangs on; none: the one that core knows
};

// Handle values that the driver now owns. Zero entries are absent.
struct RingDelivery {
    std::uint32_t generation;
    std::uint32_t ring_len;
    std::uint32_t header_bytes;  // promised, 64 when the host did not say
    std::uint64_t header;
    std::uint64_t event;
    std::array<std::uint64_t, 6> slots;  // entries past ring_len are owned too, and unused
};

class Adapter {
public:
    virtual ~Adapter() = default;

    virtual void plug(Owner owner, const MonitorSpec& spec) = 0;
    virtual void set_modes(Owner owner, MonitorNumber number, const ModeList& modes) = 0;
    // Closes whatever was delivered to the monitor. May come while a plug or set_modes of it is
    // under way; the end of that is then of no interest, and unplugged() is told when nothing of
    // the monitor is left, whatever became of them. No call follows for this number.
    virtual void unplug(MonitorNumber number) = 0;
    // False: there is no adapter yet.
    virtual bool set_render_adapter(const Luid& luid) = 0;
    // Whether `owner` may hand over this handle value. Where the system cannot tell, every value
    // counts as known; a delivery with an unknown one is refused and nothing of it is adopted.
    virtual bool knows_handle(Owner /*owner*/, std::uint64_t /*value*/) { return true; }
    // Replaces an earlier ring. Failing to open it is told through the ring's status words.
    virtual void attach_ring(Owner owner, MonitorNumber number, const RingDelivery& ring) = 0;
    virtual void attach_cursor(Owner owner, MonitorNumber number, std::uint64_t section) = 0;
    virtual void set_cursor_forward(MonitorNumber number, bool enable) = 0;
};

}  // namespace pf::core
