// What driver core asks of the shell around it (IddCx, the Linux driver process, a fake). Core
// decides, the shell acts. Calls come from inside Dispatcher's calls, on the same thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <pf/core/edid.hpp>
#include <pf/core/mode.hpp>
#include <pf/core/mode_list.hpp>
#include <pf/core/owner.hpp>

namespace pf::core {

struct MonitorSpec {
    std::uint32_t target_id;   // never reused while the driver lives
    std::uint32_t monitor_id;  // 1..15
    Mode mode;                 // the preferred one
    bool hw_cursor;            // leave the pointer out of the frames
    Luminance luminance;       // zeros: not said
    std::span<const std::uint8_t> edid;
    const ModeList* modes;  // valid during the call
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

    virtual bool plug(const MonitorSpec& spec) = 0;
    // Also closes whatever was delivered to the monitor.
    virtual void unplug(std::uint32_t target_id) = 0;
    // kStatusSuccess, or why the mode could not be set; then the old one stays.
    virtual std::uint32_t set_modes(std::uint32_t target_id, const ModeList& modes) = 0;
    // False: there is no adapter yet.
    virtual bool set_render_adapter(std::uint32_t luid_low, std::int32_t luid_high) = 0;
    // Whether `owner` may hand over this handle value. Where the system cannot tell, every value
    // counts as known; a delivery with an unknown one is refused and nothing of it is adopted.
    virtual bool knows_handle(Owner /*owner*/, std::uint64_t /*value*/) { return true; }
    // Replaces an earlier ring. Failing to open it is told through the ring's status words.
    virtual void attach_ring(std::uint32_t target_id, const RingDelivery& ring) = 0;
    virtual void attach_cursor(std::uint32_t target_id, std::uint64_t section) = 0;
    virtual void set_cursor_forward(std::uint32_t target_id, bool enable) = 0;
};

}  // namespace pf::core
