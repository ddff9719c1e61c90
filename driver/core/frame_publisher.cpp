#include <pf/core/frame_publisher.hpp>

#include <algorithm>

#include <pf/proto/shared_access.hpp>

namespace pf::core {

namespace {

using proto::AttachCheck;
using proto::load_relaxed;

constexpr std::uint32_t kTailsSince = 3;  // the protocol version whose drivers write the tails

bool aligned(std::span<std::byte> bytes) {
    return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0;
}

proto::RingExtension read_extension(const proto::RingExtension& shared) {
    proto::RingExtension copy{};
    copy.magic = load_relaxed(shared.magic);
    copy.version = load_relaxed(shared.version);
    copy.extension_bytes = load_relaxed(shared.extension_bytes);
    copy.slot_count = load_relaxed(shared.slot_count);
    copy.pitch_bytes = load_relaxed(shared.pitch_bytes);
    copy.slot_bytes = load_relaxed(shared.slot_bytes);
    return copy;
}

// Everything that must hold of the copies before a slot is touched.
AttachError check_ring(const RingMemory& memory, const proto::SharedHeader& header,
                       const proto::RingExtension& extension, proto::RingGeometry& geometry) {
    if (extension.magic != proto::kExtensionMagic) {
        return AttachError::no_extension;
    }
    if (header.ring_len != memory.ring_len) {
        return AttachError::ring_len_differs;
    }
    if (!proto::read_geometry(header, extension, geometry)) {
        return AttachError::bad_geometry;
    }
    for (std::uint32_t i = 0; i < geometry.ring_len; ++i) {
        if (memory.slots[i].size() < geometry.slot_bytes || !aligned(memory.slots[i])) {
            return AttachError::slot_too_small;
        }
    }
    return AttachError::none;
}

std::uint32_t saturated(std::uint64_t count) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
}

}  // namespace

FramePublisher::FramePublisher(const PublisherConfig& config) : config_(config) {}

AttachCheck FramePublisher::meet(const RingMemory& memory, proto::SharedHeader& header) {
    detach();
    if (memory.header.size() < sizeof(proto::SharedHeader) || !aligned(memory.header)) {
        return AttachCheck::stale;
    }
    header = read_header(*reinterpret_cast<proto::SharedHeader*>(memory.header.data()));
    words_ = HeaderWords(memory.header, header.version, config_.protocol_version >= kTailsSince);
    words_.render_luid(config_.luid_low, config_.luid_high);
    const AttachCheck check = proto::check_attach(header.magic, header.generation, header.target_id,
                                                  memory.generation, config_.target_id);
    if (check == AttachCheck::bind_mismatch) {
        words_.status(proto::kDriverStatusBindFail, header.target_id);
    }
    return check;
}

AttachError FramePublisher::open(const RingMemory& memory, const proto::SharedHeader& header) {
    if (memory.header.size() < proto::kExtensionOffset + proto::kExtensionBytes) {
        return AttachError::no_extension;
    }
    auto& ring =
        *reinterpret_cast<proto::MemoryRing*>(memory.header.data() + proto::kExtensionOffset);
    proto::RingGeometry geometry{};
    const AttachError error = check_ring(memory, header, read_extension(ring.extension), geometry);
    if (error == AttachError::none) {
        memory_slots_.open(ring, geometry, memory.slots);
        slots_ = &memory_slots_;
        geometry_ = geometry;
        ledger_ = SlotLedger(geometry.ring_len);
    }
    return error;
}

AttachCheck FramePublisher::attach(const RingMemory& memory, std::uint64_t now_ticks) {
    proto::SharedHeader header{};
    const AttachCheck check = meet(memory, header);
    if (check != AttachCheck::ok) {
        words_ = {};
        return check;
    }
    if (const AttachError error = open(memory, header); error != AttachError::none) {
        words_.status(proto::kDriverStatusTextureFail, static_cast<std::uint32_t>(error));
        words_ = {};
        return check;
    }
    generation_ = memory.generation;
    seq_ = 0;
    totals_ = {};
    totals_.source_size = source_size_;
    offered_ = mismatched_ = 0;
    words_.forget_latest();  // an earlier driver's frames are gone with their slots
    words_.introduce(proto::kCapabilityRingHealth | proto::kCapabilitySourceTiming, ++attach_id_);
    words_.health(health_);
    words_.offered(0, 0);
    words_.dropped(0);
    heartbeat(now_ticks);
    words_.status(proto::kDriverStatusOpened, proto::pack_opened_detail(0, 0));
    return check;
}

void FramePublisher::attach_failed(const RingMemory& memory, std::uint32_t error_code) {
    proto::SharedHeader header{};
    if (meet(memory, header) == AttachCheck::ok) {
        words_.status(proto::kDriverStatusTextureFail, error_code);
    }
    words_ = {};
}

void FramePublisher::detach() {
    claimed_slot_.reset();
    slots_ = nullptr;
    memory_slots_.close();
    words_ = {};
}

void FramePublisher::retire() {
    if (attached()) {
        words_.health(proto::kHealthDead);
    }
    detach();
}

void FramePublisher::offer(std::uint64_t now_ticks) {
    ++offered_;
    words_.offered(now_ticks, offered_);
    words_.opened_detail(saturated(offered_), saturated(mismatched_));
}

void FramePublisher::drop() {
    ++totals_.dropped;
    ledger_.lost_frame();
    words_.dropped(totals_.dropped);
    slots_->report(totals_);
}

std::optional<FramePublisher::Claim> FramePublisher::claim(std::uint64_t now_ticks) {
    if (!attached()) {
        return std::nullopt;
    }
    end_claim();
    offer(now_ticks);
    const SlotLedger::Order order = ledger_.order();
    for (std::uint32_t i = 0; i < order.count; ++i) {
        const std::uint32_t slot = order.slots[i];
        if (slots_->acquire(slot)) {
            claimed_slot_ = slot;
            return Claim{slot,
                         slots_->pixels(slot),
                         geometry_.pitch_bytes,
                         ledger_.stale(slot),
                         now_ticks,
                         attach_id_};
        }
    }
    drop();
    return std::nullopt;
}

bool FramePublisher::is_open(const Claim& claim) const {
    return attached() && claim.attach_id == attach_id_ && claimed_slot_ == claim.slot;
}

bool FramePublisher::matches(const Surface& surface) const {
    return attached() && surface.pixels != nullptr && surface.width == geometry_.width &&
           surface.height == geometry_.height && surface.dxgi_format == geometry_.dxgi_format &&
           surface.pitch_bytes >= surface.width * proto::bytes_per_pixel(surface.dxgi_format);
}

bool FramePublisher::fill(const Claim& claim, const Surface& surface, const FrameInfo& info) {
    if (!is_open(claim) || !matches(surface)) {
        return false;
    }
    DamageRegion region = claim.stale;
    region.add(info.damage);
    totals_.copied_bytes += slots_->fill(claim.slot, surface, region);
    return true;
}

bool FramePublisher::publish(const Claim& claim, const FrameInfo& info, std::uint64_t filled_ticks,
                             std::uint64_t now_ticks) {
    if (!is_open(claim)) {
        return false;
    }
    claimed_slot_.reset();
    DamageRegion damage = ledger_.base_lost() ? DamageRegion::full() : info.damage;
    damage.clip(geometry_.width, geometry_.height);
    slots_->commit(claim.slot, {seq_ + 1, seq_, info.source_sequence, info.present_ticks,
                                claim.claimed_ticks, filled_ticks, now_ticks, damage});
    ledger_.published(claim.slot, damage);
    ++seq_;
    if (health_ != proto::kHealthActive) {
        set_health(proto::kHealthActive);
    }
    ++totals_.published;
    words_.latest({generation_, seq_, static_cast<std::uint8_t>(claim.slot)}, info.present_ticks,
                  info.source_sequence, now_ticks, totals_.published);
    const bool wake = slots_->reader_waits();
    totals_.signalled += wake;
    slots_->report(totals_);
    return wake;
}

void FramePublisher::abandon(const Claim& claim) {
    if (is_open(claim)) {
        end_claim();
    }
}

// What the source drew into the slot is neither a frame nor what the slot held before.
void FramePublisher::end_claim() {
    if (claimed_slot_) {
        slots_->release(*claimed_slot_);
        ledger_.spoiled(*claimed_slot_);
        ledger_.lost_frame();
        claimed_slot_.reset();
    }
}

void FramePublisher::count_mismatch(std::uint64_t now_ticks) {
    if (!attached()) {
        return;
    }
    end_claim();
    ledger_.lost_frame();
    ++mismatched_;
    offer(now_ticks);
}

void FramePublisher::heartbeat(std::uint64_t now_ticks) {
    if (attached()) {
        totals_.heartbeat_ticks = now_ticks;
        words_.heartbeat(now_ticks);
        slots_->report(totals_);
    }
}

void FramePublisher::set_health(std::uint32_t health_state) {
    health_ = health_state;
    if (attached()) {
        words_.health(health_state);
    }
}

bool FramePublisher::set_source_size(std::uint64_t source_size) {
    if (source_size_ == source_size) {
        return false;
    }
    source_size_ = source_size;
    if (attached()) {
        totals_.source_size = source_size;
        slots_->report(totals_);
    }
    return attached();
}

}  // namespace pf::core
