// An adapter that knows what must hold of every call that driver core makes of its shell, and
// aborts when it does not.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include <pf/core/adapter.hpp>

namespace pf::fuzz {

class CheckingAdapter final : public core::Adapter {
public:
    struct Plugged {
        core::Owner owner;
        std::uint32_t monitor_id;
        bool hw_cursor;
        bool ring = false;
        bool cursor = false;
    };

    // The next calls come from a request of this owner; 0 for the driver's own doing.
    void now_serving(core::Owner owner) { serving_ = owner; }
    // Whether the next plug, mode change or render adapter is refused.
    void refuse(bool refused) { refused_ = refused; }

    const std::map<std::uint32_t, Plugged>& plugged() const { return plugged_; }
    // Changes with every call that changes something.
    std::uint64_t effects() const { return effects_; }

    bool plug(const core::MonitorSpec& spec) override;
    void unplug(std::uint32_t target_id) override;
    std::uint32_t set_modes(std::uint32_t target_id, const core::ModeList& modes) override;
    bool set_render_adapter(std::uint32_t luid_low, std::int32_t luid_high) override;
    bool knows_handle(core::Owner owner, std::uint64_t value) override;
    void attach_ring(std::uint32_t target_id, const core::RingDelivery& ring) override;
    void attach_cursor(std::uint32_t target_id, std::uint64_t section) override;
    void set_cursor_forward(std::uint32_t target_id, bool enable) override;

    // The rule by which this adapter knows handles: an owner's values end in its number.
    static bool belongs(core::Owner owner, std::uint64_t value) { return value % 4 == owner % 4; }

private:
    Plugged& of_serving(std::uint32_t target_id);

    std::map<std::uint32_t, Plugged> plugged_;  // by target
    std::set<std::uint32_t> used_targets_;
    core::Owner serving_ = core::kNobody;
    bool refused_ = false;
    std::uint64_t effects_ = 0;
};

}  // namespace pf::fuzz
