#include <pf/core/header_words.hpp>

#include <algorithm>

#include <pf/proto/shared_access.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

using proto::store_relaxed;
using proto::store_release;

namespace {

std::uint32_t saturated(std::uint64_t count) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
}

}  // namespace

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

void HeaderWords::forget_latest() {
    store_relaxed(base_->latest, 0);
}

void HeaderWords::latest(const proto::FrameToken& token, std::uint64_t present_ticks,
                         std::uint64_t source_sequence) {
    store_relaxed(base_->qpc_pts, present_ticks);
    if (health_ != nullptr) {
        store_relaxed(health_->source_sequence, source_sequence);
    }
    store_release(base_->latest, token.pack());
}

void HeaderWords::report(const WriterTotals& totals) {
    store_relaxed(
        base_->driver_status_detail,
        proto::pack_opened_detail(saturated(totals.offered), saturated(totals.mismatched)));
    if (telemetry_ != nullptr) {
        store_relaxed(telemetry_->drain_heartbeat_qpc, totals.heartbeat_ticks);
        store_relaxed(telemetry_->last_acquire_qpc, totals.last_offer_ticks);
        store_relaxed(telemetry_->offered_total, totals.offered);
    }
    if (health_ != nullptr) {
        store_relaxed(health_->last_publish_qpc, totals.last_publish_ticks);
        store_relaxed(health_->published_total, totals.published);
        store_relaxed(health_->dropped_total, totals.dropped);
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
