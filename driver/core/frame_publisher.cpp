#include <pf/core/frame_publisher.hpp>

namespace pf::core {

namespace {

using proto::AttachCheck;

constexpr std::uint32_t kTailsSince = 3;  // the protocol version whose drivers write the tails

bool same(const proto::RingGeometry& a, const proto::RingGeometry& b) {
    return a.width == b.width && a.height == b.height && a.dxgi_format == b.dxgi_format &&
           a.ring_len == b.ring_len && a.pitch_bytes == b.pitch_bytes;
}

}  // namespace

FramePublisher::FramePublisher(const PublisherConfig& config) : config_(config) {}

AttachCheck FramePublisher::meet(const RingHeader& header, std::uint32_t generation) {
    detach();
    if (header.section.empty()) {
        return AttachCheck::stale;
    }
    words_ =
        HeaderWords(header.section, header.words.version, config_.protocol_version >= kTailsSince);
    words_.render_luid(config_.luid_low, config_.luid_high);
    const AttachCheck check =
        proto::check_attach(header.words.magic, header.words.generation, header.words.target_id,
                            generation, config_.target_id);
    if (check == AttachCheck::bind_mismatch) {
        words_.status(proto::kDriverStatusBindFail, header.words.target_id);
    }
    if (check != AttachCheck::ok) {
        words_ = {};
    }
    return check;
}

void FramePublisher::use(SlotSet& slots) {
    slots_ = &slots;
    slot_use_ = {};
    ledger_ = SlotLedger(geometry_.ring_len);
    ++books_;
    slots.free_all();
}

void FramePublisher::start_over(std::uint64_t now_ticks) {
    seq_ = base_seq_ = 0;
    history_ = {};
    since_base_ = {};
    totals_ = {.heartbeat_ticks = now_ticks, .source_size = source_size_};
}

AttachCheck FramePublisher::attach(const Ring& ring, std::uint64_t now_ticks) {
    const AttachCheck check = meet(ring.header, ring.generation);
    if (check != AttachCheck::ok) {
        return check;
    }
    generation_ = ring.generation;
    geometry_ = ring.slots.geometry();
    waker_ = &ring.waker;
    start_over(now_ticks);
    use(ring.slots);
    words_.forget_latest();  // an earlier driver's frames are gone with their slots
    words_.introduce(proto::kCapabilityRingHealth | proto::kCapabilitySourceTiming, ++attach_id_);
    words_.health(health_);
    tell();
    words_.status(proto::kDriverStatusOpened, proto::pack_opened_detail(0, 0));
    return check;
}

AttachCheck FramePublisher::attach_failed(const RingHeader& header, std::uint32_t generation,
                                          std::uint32_t error_code) {
    const AttachCheck check = meet(header, generation);
    if (check == AttachCheck::ok) {
        words_.status(proto::kDriverStatusTextureFail, error_code);
    }
    words_ = {};
    return check;
}

bool FramePublisher::reopen(SlotSet& slots) {
    if (!attached() || !same(slots.geometry(), geometry_)) {
        return false;
    }
    use(slots);
    return true;
}

void FramePublisher::detach() {
    slot_use_ = {};
    slots_ = nullptr;
    waker_ = nullptr;
    words_ = {};
}

void FramePublisher::retire() {
    if (attached()) {
        words_.health(proto::kHealthDead);
        waker_->wake();
    }
    detach();
}

void FramePublisher::offer(std::uint64_t now_ticks) {
    ++totals_.offered;
    totals_.last_offer_ticks = now_ticks;
}

std::optional<std::uint32_t> FramePublisher::acquire() {
    const SlotLedger::Order order = ledger_.order();
    for (std::uint32_t i = 0; i < order.count; ++i) {
        const std::uint32_t slot = order.slots[i];
        if (slot_use_[slot].abandoned) {
            continue;
        }
        switch (slots_->slot(slot).acquire()) {
            case Acquired::ours: return slot;
            case Acquired::busy: break;
            case Acquired::abandoned:
                slot_use_[slot].abandoned = true;
                ledger_.spoiled(slot);
                break;
        }
    }
    return std::nullopt;
}

std::optional<Claim> FramePublisher::claim(const FrameInfo& frame, std::uint64_t now_ticks) {
    if (!attached()) {
        return std::nullopt;
    }
    offer(now_ticks);
    ledger_.offered(frame.damage);
    ++books_;
    const auto slot = acquire();
    if (!slot) {
        ++totals_.dropped;
        tell();
        return std::nullopt;
    }
    Claim::Content content;
    content.slot = &slots_->slot(*slot);
    content.geometry = geometry_;
    content.index = *slot;
    content.id = slot_use_[*slot].claim_id = ++last_claim_id_;
    content.frame = frame;
    content.frame.claimed_ticks = now_ticks;
    content.lacking = ledger_.taken(*slot);
    choose_base();
    prepare(content);
    return Claim(*this, content);
}

// A reader that skips frames is told what changed since the one that it took last. The hint is any
// value; where nothing useful is known of it, the frame before is the base.
void FramePublisher::choose_base() {
    const std::uint32_t wish = slots_->consumed_seq();
    if (wish == base_seq_ && !since_base_.is_full()) {
        return;
    }
    base_seq_ = wish;
    since_base_ = history_.since(wish);
    if (since_base_.is_full()) {
        base_seq_ = seq_;
        since_base_ = {};
    }
}

// What is told of the frame's damage, worked out where the claim is made, so that nothing lies
// between the publish time and the token. Claiming or publishing another one makes it old.
void FramePublisher::prepare(Claim::Content& claim) const {
    claim.prepared_at = books_;
    claim.frame.damage_base_seq = base_seq_;
    DamageRegion& damage = claim.frame.damage;
    damage = ledger_.changed_by(claim.index);
    damage.add(since_base_);
    damage.clip(geometry_.width, geometry_.height);
    if (damage.empty()) {
        damage = DamageRegion::full();  // there is a frame, so something changed
    }
}

bool FramePublisher::is_open(const Claim& claim) const {
    return claim.publisher_ == this && attached() &&
           slot_use_[claim.its_.index].claim_id == claim.its_.id;
}

bool FramePublisher::publish(Claim claim, std::uint64_t filled_ticks, std::uint64_t now_ticks) {
    if (!is_open(claim)) {
        return false;
    }
    claim.publisher_ = nullptr;
    Claim::Content& content = claim.its_;
    if (content.prepared_at != books_) {
        prepare(content);
    }
    FrameInfo& frame = content.frame;
    frame.seq = seq_ + 1;
    frame.filled_ticks = filled_ticks;
    frame.published_ticks = now_ticks;
    content.slot->commit(frame);
    words_.latest({generation_, frame.seq, static_cast<std::uint8_t>(content.index)},
                  frame.present_ticks, frame.source_sequence);
    const bool woken = slots_->reader_waits();
    if (woken) {
        waker_->wake();
    }
    keep_books(content, woken, now_ticks);
    return true;
}

void FramePublisher::keep_books(const Claim::Content& claim, bool woken, std::uint64_t now_ticks) {
    DamageRegion changed = ledger_.changed_by(claim.index);
    changed.clip(geometry_.width, geometry_.height);
    history_.published(claim.frame.seq, changed);
    since_base_.add(changed);
    ledger_.published(claim.index);
    ++books_;
    slot_use_[claim.index].claim_id = 0;
    seq_ = claim.frame.seq;
    if (health_ != proto::kHealthActive) {
        set_health(proto::kHealthActive);
    }
    ++totals_.published;
    totals_.last_publish_ticks = now_ticks;
    totals_.signalled += woken;
    totals_.copied_bytes += claim.copied_bytes;
    tell();
}

// What the source drew into the slot is neither a frame nor what the slot held before.
void FramePublisher::end(const Claim& claim) {
    if (!is_open(claim)) {
        return;
    }
    claim.its_.slot->release();
    slot_use_[claim.its_.index].claim_id = 0;
    totals_.copied_bytes += claim.its_.copied_bytes;
    ledger_.spoiled(claim.its_.index);
    ++books_;
}

void FramePublisher::count_mismatch(std::uint64_t now_ticks) {
    if (!attached()) {
        return;
    }
    ledger_.lost_frame();
    ++books_;
    offer(now_ticks);
    ++totals_.mismatched;
    tell();
}

void FramePublisher::heartbeat(std::uint64_t now_ticks) {
    if (attached()) {
        totals_.heartbeat_ticks = now_ticks;
        tell();
    }
}

void FramePublisher::set_health(std::uint32_t health_state) {
    health_ = health_state;
    if (attached()) {
        words_.health(health_state);
    }
}

void FramePublisher::set_source_size(std::uint64_t source_size) {
    if (source_size_ == source_size) {
        return;
    }
    source_size_ = source_size;
    if (attached()) {
        totals_.source_size = source_size;
        tell();
        waker_->wake();
    }
}

void FramePublisher::wake_reader() {
    if (attached() && slots_->reader_waits()) {
        waker_->wake();
    }
}

// The one place that writes what is counted, to both of its homes.
void FramePublisher::tell() {
    words_.report(totals_);
    slots_->report(totals_);
}

}  // namespace pf::core
