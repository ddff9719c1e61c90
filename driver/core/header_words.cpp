#include <pf/core/header_words.hpp>

#include <pf/proto/shared_access.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

using proto::load_acquire;
using proto::load_relaxed;
using proto::store_relaxed;
using proto::store_release;

proto::SharedHeader read_header(const proto::SharedHeader& shared) {
    proto::SharedHeader copy{};
    copy.magic = load_acquire(shared.magic);
    copy.generation = load_acquire(shared.generation);
    copy.version = load_relaxed(shared.version);
    copy.ring_len = load_relaxed(shared.ring_len);
    copy.width = load_relaxed(shared.width);
    copy.height = load_relaxed(shared.height);
    copy.dxgi_format = load_relaxed(shared.dxgi_format);
    copy.target_id = load_relaxed(shared.target_id);
    return copy;
}

HeaderWords::HeaderWords(std::span<std::byte> section, std::uint32_t version, bool with_tails)
    : base_(reinterpret_cast<proto::SharedHeader*>(section.data())) {
    if (with_tails && proto::has_telemetry_tail(version, section.size())) {
        telemetry_ = reinterpret_cast<proto::SharedHeaderV2*>(section.data());
    }
    if (with_tails && proto::has_health_tail(version, section.size())) {
        health_ = reinterpret_cast<proto::SharedHeaderV3*>(section.data());
    }
}

void HeaderWords::render_luid(std::uint32_t low, std::int32_t high) {
    store_relaxed(base_->driver_render_luid_low, low);
    store_relaxed(base_->driver_render_luid_high, high);
}

void HeaderWords::status(std::uint32_t status, std::uint32_t detail) {
    store_relaxed(base_->driver_status_detail, detail);
    store_release(base_->driver_status, status);
}

void HeaderWords::opened_detail(std::uint32_t offered, std::uint32_t mismatched) {
    store_relaxed(base_->driver_status_detail, proto::pack_opened_detail(offered, mismatched));
}

void HeaderWords::forget_latest() {
    store_relaxed(base_->latest, 0);
}

void HeaderWords::latest(const proto::FrameToken& token, std::uint64_t present_ticks,
                         std::uint64_t source_sequence, std::uint64_t now_ticks,
                         std::uint64_t published_total) {
    store_relaxed(base_->qpc_pts, present_ticks);
    if (health_ != nullptr) {
        store_relaxed(health_->source_sequence, source_sequence);
        store_relaxed(health_->last_publish_qpc, now_ticks);
        store_relaxed(health_->published_total, published_total);
    }
    store_release(base_->latest, token.pack());
}

void HeaderWords::heartbeat(std::uint64_t now_ticks) {
    if (telemetry_ != nullptr) {
        store_relaxed(telemetry_->drain_heartbeat_qpc, now_ticks);
    }
}

void HeaderWords::offered(std::uint64_t now_ticks, std::uint64_t total) {
    if (telemetry_ != nullptr) {
        store_relaxed(telemetry_->last_acquire_qpc, now_ticks);
        store_relaxed(telemetry_->offered_total, total);
    }
}

void HeaderWords::dropped(std::uint64_t total) {
    if (health_ != nullptr) {
        store_relaxed(health_->dropped_total, total);
    }
}

void HeaderWords::health(std::uint32_t state) {
    if (health_ != nullptr) {
        store_relaxed(health_->health_state, state);
    }
}

void HeaderWords::introduce(std::uint32_t capabilities, std::uint32_t assignment_epoch) {
    if (health_ != nullptr) {
        store_relaxed(health_->capabilities, capabilities);
        store_relaxed(health_->assignment_epoch, assignment_epoch);
    }
}

}  // namespace pf::core
