#include "capture/ring_reader.hpp"

#include <algorithm>
#include <new>

#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

#include "capture/damage_trail.hpp"
#include "capture/frame_times.hpp"
#include "capture/memory_slots.hpp"

namespace pf::host {
namespace {

// A driver that takes the newest slot publishes a newer token right away, so a few looks suffice.
constexpr int kLooks = 16;

// What changed since the position's last frame; none: nobody can tell.
damage::DamageRects damage_for(const ReadPosition& position, const proto::SlotRecord& newest,
                               const SlotSource& slots, std::uint32_t ring_len) {
    std::array<proto::SlotRecord, proto::kRingLen> others;
    std::size_t count = 0;
    for (std::uint32_t slot = 0; slot < ring_len; ++slot) {
        count += slots.peek(slot, others[count]);
    }
    return damage_since(position.last_seq, position.any_taken, newest, {others.data(), count});
}

}  // namespace

// What a Frame keeps alive: the slot, the mappings, and the values that its view points to.
struct RingReader::LeaseShare {
    LeaseShare(std::shared_ptr<RingReader> reader, std::uint32_t slot)
        : reader_(std::move(reader)), slot_(slot) {}
    LeaseShare(const LeaseShare&) = delete;
    ~LeaseShare() { reader_->let_go(slot_); }

    std::shared_ptr<RingReader> reader_;
    std::uint32_t slot_;
    FrameView view;
    damage::DamageRects damage;
};

RingReader::RingReader(std::unique_ptr<FrameRing> ring, os::Event interrupt)
    : ring_(std::move(ring)), interrupt_(std::move(interrupt)) {
    slots_ = std::make_unique<MemorySlots>(*ring_);
}

RingReader::RingReader(std::unique_ptr<FrameRing> ring, os::Event interrupt,
                       std::unique_ptr<SlotSource> slots)
    : ring_(std::move(ring)), interrupt_(std::move(interrupt)), slots_(std::move(slots)) {}

os::Result<std::shared_ptr<RingReader>> RingReader::create(std::unique_ptr<FrameRing> ring) {
    auto interrupt = os::Event::create();
    if (!interrupt) {
        return tl::unexpected(interrupt.error());
    }
    return std::make_shared<RingReader>(std::move(ring), std::move(*interrupt));
}

os::Result<ReadPosition> RingReader::new_position() {
    auto wake = os::Event::create();
    if (!wake) {
        return tl::unexpected(wake.error());
    }
    ReadPosition position;
    position.wake = std::move(*wake);
    return position;
}

void RingReader::join(ReadPosition& position) const {
    const auto token = proto::FrameToken::unpack(latest());
    position.joined_after = token.generation == ring_->generation() ? token.seq : 0;
}

std::uint64_t RingReader::latest() const {
    return proto::load_acquire(ring_->header().base.base.latest);
}

Take RingReader::refuse(ReadPosition& position, std::uint64_t word,
                        std::uint64_t ReadPosition::*counter) {
    if (position.refused_word != word) {
        position.refused_word = word;
        ++(position.*counter);
    }
    return Take::nothing;
}

Take RingReader::take(ReadPosition& position, Frame& out) {
    for (int look = 0; look < kLooks; ++look) {
        const std::uint64_t word = latest();
        position.seen_word = word;
        const auto token = proto::FrameToken::unpack(word);
        switch (proto::check_token(token, ring_->generation(), ring_->geometry().ring_len,
                                   position.last_seq, position.any_taken)) {
            case proto::TokenCheck::nothing_new: return Take::nothing;
            case proto::TokenCheck::foreign_generation:
                return refuse(position, word, &ReadPosition::stale);
            case proto::TokenCheck::slot_out_of_range:
                return refuse(position, word, &ReadPosition::rejected);
            case proto::TokenCheck::ok: break;
        }
        std::unique_lock lock(mutex_);
        switch (lease(token, os::now_ns())) {
            case Lease::ours: {
                Frame frame = make_frame(token, position);
                if (!frame) {
                    return Take::contended;
                }
                note_consumed(position, token.seq);
                lock.unlock();  // the frame that `out` held may end here, and lets go of its slot
                out = std::move(frame);
                return Take::frame;
            }
            case Lease::lie: return refuse(position, word, &ReadPosition::rejected);
            case Lease::moved_on: break;
        }
    }
    return Take::contended;
}

RingReader::Lease RingReader::lease(const proto::FrameToken& token, std::int64_t noticed_ns) {
    LeasedSlot& leased = leased_[token.slot];
    if (leased.readers == 0) {
        switch (slots_->hold(token.slot, token.seq, os::now_ticks(), leased.record)) {
            case HoldResult::held: break;
            case HoldResult::moved_on: return Lease::moved_on;
            case HoldResult::malformed: return Lease::lie;
        }
        leased.noticed_ns = noticed_ns;
        leased.leased_ns = os::now_ns();
    } else if (leased.record.seq != token.seq) {
        return Lease::lie;  // no honest driver publishes in a slot that we hold
    }
    ++leased.readers;
    return Lease::ours;
}

void RingReader::let_go(std::uint32_t slot) {
    const std::lock_guard lock(mutex_);
    end_lease(slot);
}

void RingReader::end_lease(std::uint32_t slot) {
    if (--leased_[slot].readers == 0) {
        slots_->let_go(slot);
    }
}

// Empty, and the lease is ended: no memory for it.
std::shared_ptr<RingReader::LeaseShare> RingReader::make_share(std::uint32_t slot) {
    try {
        return std::make_shared<LeaseShare>(shared_from_this(), slot);
    } catch (const std::bad_alloc&) {
        end_lease(slot);
        return nullptr;
    }
}

Frame RingReader::make_frame(const proto::FrameToken& token, const ReadPosition& position) {
    const LeasedSlot& leased = leased_[token.slot];
    const proto::SlotRecord& record = leased.record;
    const proto::RingGeometry& geometry = ring_->geometry();
    auto share = make_share(token.slot);
    if (!share) {
        return {};
    }
    FrameView& view = share->view;
    view = {
        .content = slots_->content(token.slot),
        .slot = token.slot,
        .width = geometry.width,
        .height = geometry.height,
        .format = static_cast<PixelFormat>(geometry.dxgi_format),
        .color = ring_->color(),
        .target_id = ring_->target_id(),
        .generation = ring_->generation(),
        .seq = token.seq,
        .source_sequence = record.source_sequence,
        .times = frame_times(record, os::ticks_per_second(), leased.noticed_ns, leased.leased_ns),
        .damage = {}};
    share->damage = damage_for(position, record, *slots_, geometry.ring_len);
    view.full_damage = share->damage.empty();
    if (view.full_damage) {
        share->damage.add({0, 0, geometry.width, geometry.height});
    }
    view.damage = {share->damage.begin(), share->damage.end()};
    const FrameView* shown = &view;
    return Frame(std::move(share), shown);
}

void RingReader::note_consumed(ReadPosition& position, std::uint32_t seq) {
    const std::uint32_t step =
        seq - (position.any_taken ? position.last_seq : position.joined_after);
    position.skipped += step > 0 ? step - 1 : 0;
    position.last_seq = seq;
    position.any_taken = true;
    ++position.frames;
    const auto ahead = static_cast<std::int32_t>(seq - newest_taken_);
    if (ahead <= 0 && consumed_total_ != 0) {
        return;  // another reader of this host took it before
    }
    skipped_total_ += ahead > 0 ? static_cast<std::uint32_t>(ahead) - 1 : 0;
    newest_taken_ = seq;
    proto::ReaderRecord& reader = ring_->shared().reader;
    proto::store_relaxed(reader.consumed_seq, seq);
    proto::store_relaxed(reader.consumed_total, ++consumed_total_);
    proto::store_relaxed(reader.skipped_total, skipped_total_);
}

bool RingReader::wait(ReadPosition& position, const os::Flag* cancel, std::int64_t deadline_ns) {
    {
        std::unique_lock lock(wait_mutex_);
        if (leader_waits_) {
            // A leader that already woke for this token has told its followers, but not us.
            if (latest() != position.seen_word) {
                return true;
            }
            followers_.push_back(&position.wake);
            lock.unlock();
            const bool woke = os::wait({position.wake, cancel}, deadline_ns);
            lock.lock();
            std::erase(followers_, &position.wake);
            return woke;
        }
        leader_waits_ = true;
    }
    proto::ReaderRecord& reader = ring_->shared().reader;
    proto::store_relaxed(reader.heartbeat_ticks, os::now_ticks());
    proto::store_relaxed(reader.waiting, 1);
    proto::full_fence();  // against the driver's fence between its token and its look at `waiting`
    const bool woke = latest() != position.seen_word ||
                      os::wait({ring_->event(), position.wake, cancel, interrupt_}, deadline_ns);
    const std::lock_guard lock(wait_mutex_);
    proto::store_relaxed(reader.waiting, attending_.empty() ? 0 : 1);
    leader_waits_ = false;
    wake_others(&position.wake);
    return woke;
}

void RingReader::wake_others(const os::Event* but) {
    for (const auto* waiting : {&followers_, &attending_}) {
        for (const os::Event* other : *waiting) {
            if (other != but) {
                other->signal();
            }
        }
    }
}

void RingReader::interrupt() {
    const std::lock_guard lock(wait_mutex_);
    interrupt_.signal();
    wake_others(nullptr);
}

void RingReader::attend(ReadPosition& position) {
    const std::lock_guard lock(wait_mutex_);
    attending_.push_back(&position.wake);
    proto::store_relaxed(ring_->shared().reader.waiting, 1);
    proto::full_fence();  // as in wait(); the caller looks once more before it waits
}

void RingReader::leave(ReadPosition& position) {
    const std::lock_guard lock(wait_mutex_);
    std::erase(attending_, &position.wake);
    if (attending_.empty() && !leader_waits_) {
        proto::store_relaxed(ring_->shared().reader.waiting, 0);
    }
}

void RingReader::take_signal(const ReadPosition& position) {
    if (!os::wait({ring_->event()}, os::now_ns())) {
        return;
    }
    const std::lock_guard lock(wait_mutex_);
    if (leader_waits_) {
        interrupt_.signal();
    }
    wake_others(&position.wake);
}

DriverWords RingReader::driver_words() const {
    const proto::SharedHeaderV3& header = ring_->header();
    const proto::WriterRecord& writer = ring_->shared().writer;
    // The driver writes the detail before the status.
    const std::uint32_t status = proto::load_acquire(header.base.base.driver_status);
    const bool tells_health =
        (proto::load_relaxed(header.capabilities) & proto::kCapabilityRingHealth) != 0;
    const auto health = proto::read_health(proto::load_relaxed(header.health_state));
    return {.status = status,
            .detail = proto::load_relaxed(header.base.base.driver_status_detail),
            .dead = tells_health && health == proto::Health::dead,
            .heartbeat = proto::load_relaxed(writer.heartbeat_ticks),
            .dropped = proto::load_relaxed(writer.dropped_total),
            .source = proto::read_source_size(proto::load_relaxed(writer.source_size))};
}

}  // namespace pf::host
