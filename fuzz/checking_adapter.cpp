#include "checking_adapter.hpp"

#include <algorithm>

#include <pf/proto/exact_rate.hpp>
#include <pf/proto/validate.hpp>

#include "require.hpp"

namespace pf::fuzz {

namespace {

void require_good_modes(const core::ModeList& modes) {
    const auto list = modes.modes();
    PF_REQUIRE(!list.empty() && list.size() <= core::ModeList::kMaxModes);
    for (std::size_t i = 0; i < list.size(); ++i) {
        PF_REQUIRE(proto::valid_mode(list[i].width, list[i].height, list[i].refresh_hz));
        PF_REQUIRE(proto::valid_exact_rate(list[i].refresh_hz, list[i].millihertz()));
        PF_REQUIRE(std::count(list.begin(), list.end(), list[i]) == 1);
    }
}

}  // namespace

CheckingAdapter::Plugged& CheckingAdapter::known(core::MonitorNumber number) {
    const auto found = plugged_.find(number);
    PF_REQUIRE(found != plugged_.end());
    return found->second;
}

CheckingAdapter::Plugged& CheckingAdapter::of(core::Owner owner, core::MonitorNumber number) {
    Plugged& monitor = known(number);
    PF_REQUIRE(monitor.owner == owner);  // nobody reaches another host's monitor
    return monitor;
}

bool CheckingAdapter::is_leaving(core::MonitorNumber number) const {
    return std::any_of(ends.begin(), ends.end(), [&](const End& end) {
        return end.what == End::What::unplug && end.number == number;
    });
}

core::PlugResult CheckingAdapter::plug_now(core::Owner owner, const core::MonitorSpec& spec) {
    PF_REQUIRE(spec.number != 0 && used_.insert(spec.number).second);
    PF_REQUIRE(proto::valid_monitor_id(spec.monitor_id));
    PF_REQUIRE(spec.connector < proto::kMonitorIdLast);
    std::erase_if(left_, [this](const auto& each) { return !is_leaving(each.first); });
    for (const auto* others : {&plugged_, &left_}) {
        for (const auto& [number, other] : *others) {
            PF_REQUIRE(other.monitor_id != spec.monitor_id);
            PF_REQUIRE(other.connector != spec.connector);
        }
    }
    require_good_modes(*spec.modes);
    PF_REQUIRE(spec.modes->preferred() == spec.mode);
    PF_REQUIRE(!spec.edid.empty() && spec.edid.size() % core::Edid::kBlockBytes == 0);
    if (refused_) {
        return {};
    }
    ++effects_;
    plugged_.emplace(spec.number, Plugged{owner, spec.monitor_id, spec.connector, spec.hw_cursor});
    return {.there = true};
}

// Of one that was refused and has not been told so, too.
void CheckingAdapter::unplug_now(core::MonitorNumber number) {
    ++effects_;
    PF_REQUIRE(used_.contains(number) && !is_leaving(number));
    if (auto node = plugged_.extract(number)) {
        left_.insert(std::move(node));
    }
}

std::uint32_t CheckingAdapter::set_modes_now(core::Owner owner, core::MonitorNumber number,
                                             const core::ModeList& modes) {
    of(owner, number);
    require_good_modes(modes);
    effects_ += !refused_;
    return refused_ ? proto::kStatusNotSupported : proto::kStatusSuccess;
}

bool CheckingAdapter::set_render_adapter(const core::Luid&) {
    return !refused_;
}

bool CheckingAdapter::knows_handle(core::Owner owner, std::uint64_t value) {
    PF_REQUIRE(owner == serving_);
    return belongs(owner, value);
}

void CheckingAdapter::attach_ring(core::Owner owner, core::MonitorNumber number,
                                  const core::RingDelivery& ring) {
    ++effects_;
    PF_REQUIRE(owner == serving_);
    of(owner, number).ring = true;
    PF_REQUIRE(ring.ring_len >= 1 && ring.ring_len <= proto::kRingLen);
    PF_REQUIRE(ring.header != 0 && belongs(owner, ring.header));
    PF_REQUIRE(ring.event != 0 && belongs(owner, ring.event));
    for (std::size_t i = 0; i < ring.slots.size(); ++i) {
        PF_REQUIRE(ring.slots[i] == 0 ? i >= ring.ring_len : belongs(owner, ring.slots[i]));
    }
}

void CheckingAdapter::attach_cursor(core::Owner owner, core::MonitorNumber number,
                                    std::uint64_t section) {
    ++effects_;
    PF_REQUIRE(owner == serving_);
    Plugged& monitor = of(owner, number);
    PF_REQUIRE(monitor.hw_cursor);
    PF_REQUIRE(section != 0 && belongs(owner, section));
    monitor.cursor = true;
}

void CheckingAdapter::set_cursor_forward(core::MonitorNumber number, bool) {
    ++effects_;
    PF_REQUIRE(of(serving_, number).cursor);
}

}  // namespace pf::fuzz
