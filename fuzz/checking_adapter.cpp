#include "checking_adapter.hpp"

#include <algorithm>

#include <pf/proto/validate.hpp>

#include "require.hpp"

namespace pf::fuzz {

namespace {

void require_good_modes(const core::ModeList& modes) {
    const auto list = modes.modes();
    PF_REQUIRE(!list.empty() && list.size() <= core::ModeList::kMaxModes);
    for (std::size_t i = 0; i < list.size(); ++i) {
        PF_REQUIRE(proto::valid_mode(list[i].width, list[i].height, list[i].refresh_hz));
        PF_REQUIRE(std::count(list.begin(), list.end(), list[i]) == 1);
    }
}

}  // namespace

CheckingAdapter::Plugged& CheckingAdapter::of_serving(std::uint32_t target_id) {
    const auto found = plugged_.find(target_id);
    PF_REQUIRE(found != plugged_.end());
    PF_REQUIRE(found->second.owner == serving_);  // nobody reaches another host's monitor
    return found->second;
}

bool CheckingAdapter::plug(const core::MonitorSpec& spec) {
    PF_REQUIRE(spec.target_id != 0 && used_targets_.insert(spec.target_id).second);
    PF_REQUIRE(proto::valid_monitor_id(spec.monitor_id));
    for (const auto& [target, other] : plugged_) {
        PF_REQUIRE(other.monitor_id != spec.monitor_id);
    }
    require_good_modes(*spec.modes);
    PF_REQUIRE(spec.modes->preferred() == spec.mode);
    PF_REQUIRE(!spec.edid.empty() && spec.edid.size() % core::Edid::kBlockBytes == 0);
    if (refused_) {
        return false;
    }
    ++effects_;
    plugged_.emplace(spec.target_id, Plugged{serving_, spec.monitor_id, spec.hw_cursor});
    return true;
}

void CheckingAdapter::unplug(std::uint32_t target_id) {
    ++effects_;
    PF_REQUIRE(plugged_.erase(target_id) == 1);
}

std::uint32_t CheckingAdapter::set_modes(std::uint32_t target_id, const core::ModeList& modes) {
    of_serving(target_id);
    require_good_modes(modes);
    effects_ += !refused_;
    return refused_ ? proto::kStatusNotSupported : proto::kStatusSuccess;
}

bool CheckingAdapter::set_render_adapter(std::uint32_t, std::int32_t) {
    return !refused_;
}

bool CheckingAdapter::knows_handle(core::Owner owner, std::uint64_t value) {
    PF_REQUIRE(owner == serving_);
    return belongs(owner, value);
}

void CheckingAdapter::attach_ring(std::uint32_t target_id, const core::RingDelivery& ring) {
    ++effects_;
    of_serving(target_id).ring = true;
    PF_REQUIRE(ring.ring_len >= 1 && ring.ring_len <= proto::kRingLen);
    PF_REQUIRE(ring.header != 0 && belongs(serving_, ring.header));
    PF_REQUIRE(ring.event != 0 && belongs(serving_, ring.event));
    for (std::size_t i = 0; i < ring.slots.size(); ++i) {
        PF_REQUIRE(ring.slots[i] == 0 ? i >= ring.ring_len : belongs(serving_, ring.slots[i]));
    }
}

void CheckingAdapter::attach_cursor(std::uint32_t target_id, std::uint64_t section) {
    ++effects_;
    Plugged& monitor = of_serving(target_id);
    PF_REQUIRE(monitor.hw_cursor);
    PF_REQUIRE(section != 0 && belongs(serving_, section));
    monitor.cursor = true;
}

void CheckingAdapter::set_cursor_forward(std::uint32_t target_id, bool) {
    ++effects_;
    PF_REQUIRE(of_serving(target_id).cursor);
}

}  // namespace pf::fuzz
