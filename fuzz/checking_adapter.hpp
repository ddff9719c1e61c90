// An adapter that knows what must hold of every call that driver core makes of its shell, and
// aborts when it does not.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "test/prompt_adapter.hpp"

namespace pf::fuzz {

class CheckingAdapter final : public core::test::PromptAdapter {
public:
    struct Plugged {
        core::Owner owner;
        std::uint32_t monitor_id;
        std::uint32_t connector;
        bool hw_cursor;
        bool ring = false;
        bool cursor = false;
    };

    // The next calls come from a request of this owner; 0 for the driver's own doing.
    void now_serving(core::Owner owner) { serving_ = owner; }
    // Whether the next plug, mode change or render adapter is refused.
    void refuse(bool refused) { refused_ = refused; }

    const std::map<core::MonitorNumber, Plugged>& plugged() const { return plugged_; }
    // Changes with every call that changes something.
    std::uint64_t effects() const { return effects_; }

    core::PlugResult plug_now(core::Owner owner, const core::MonitorSpec& spec) override;
    void unplug_now(core::MonitorNumber number) override;
    std::uint32_t set_modes_now(core::Owner owner, core::MonitorNumber number,
                                const core::ModeList& modes) override;
    bool set_render_adapter(const core::Luid& luid) override;
    bool knows_handle(core::Owner owner, std::uint64_t value) override;
    void attach_ring(core::Owner owner, core::MonitorNumber number,
                     const core::RingDelivery& ring) override;
    void attach_cursor(core::Owner owner, core::MonitorNumber number,
                       std::uint64_t section) override;
    void set_cursor_forward(core::MonitorNumber number, bool enable) override;

    // The rule by which this adapter knows handles: an owner's values end in its number.
    static bool belongs(core::Owner owner, std::uint64_t value) { return value % 4 == owner % 4; }

private:
    // A monitor that is there, and whose end was not asked for.
    Plugged& known(core::MonitorNumber number);
    Plugged& of(core::Owner owner, core::MonitorNumber number);
    bool is_leaving(core::MonitorNumber number) const;

    std::map<core::MonitorNumber, Plugged> plugged_;
    std::map<core::MonitorNumber, Plugged> left_;  // unplug was asked for, and not told done
    std::set<core::MonitorNumber> used_;
    core::Owner serving_ = core::kNobody;
    bool refused_ = false;
    std::uint64_t effects_ = 0;
};

}  // namespace pf::fuzz
