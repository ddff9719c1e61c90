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

// What changed since the place's last frame; none: nobody can tell.
damage::DamageRects damage_for(const ReaderPlace& place, const proto::SlotRecord& newest,
                               const SlotSource& slots, std::uint32_t ring_len) {
    std::array<proto::SlotRecord, proto::kRingLen> others;
    std::size_t count = 0;
    for (std::uint32_t slot = 0; slot < ring_len; ++slot) {
        count += slots.peek(slot, others[count]);
    }
    return damage_since(place.last_seq, place.any_taken, newest, {others.data(), count});
}

}  // namespace

// What a Frame keeps alive: the slot, the mappings, and the values that its view points to.
struct RingReader::Loan {
    Loan(std::shared_ptr<RingReader> reader, std::uint32_t slot)
        : reader_(std::move(reader)), slot_(slot) {}
    Loan(const Loan&) = delete;
    ~Loan() { reader_->let_go(slot_); }

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

os::Result<ReaderPlace> RingReader::new_place() {
    auto wake = os::Event::create();
    if (!wake) {
        return tl::unexpected(wake.error());
    }
    ReaderPlace place;
    place.wake = std::move(*wake);
    return place;
}

void RingReader::join(ReaderPlace& place) const {
    const auto token = proto::FrameToken::unpack(latest());
    place.joined_after = token.generation == ring_->generation() ? token.seq : 0;
}

std::uint64_t RingReader::latest() const {
    return proto::load_acquire(ring_->header().base.base.latest);
}

Take RingReader::refuse(ReaderPlace& place, std::uint64_t word,
                        std::uint64_t ReaderPlace::*counter) {
    if (place.refused_word != word) {
        place.refused_word = word;
        ++(place.*counter);
    }
    return Take::nothing;
}

Take RingReader::take(ReaderPlace& place, Frame& out) {
    for (int look = 0; look < kLooks; ++look) {
        const std::uint64_t word = latest();
        place.seen_word = word;
        const auto token = proto::FrameToken::unpack(word);
        switch (proto::check_token(token, ring_->generation(), ring_->geometry().ring_len,
                                   place.last_seq, place.any_taken)) {
            case proto::TokenCheck::nothing_new: return Take::nothing;
            case proto::TokenCheck::foreign_generation:
                return refuse(place, word, &ReaderPlace::stale);
            case proto::TokenCheck::slot_out_of_range:
                return refuse(place, word, &ReaderPlace::rejected);
            case proto::TokenCheck::ok: break;
        }
        std::unique_lock lock(mutex_);
        switch (lease(token, os::now_ns())) {
            case Lease::ours: {
                Frame frame = make_frame(token, place);
                if (!frame) {
                    return Take::contended;
                }
                note_consumed(place, token.seq);
                lock.unlock();  // the frame that `out` held may end here, and lets go of its slot
                out = std::move(frame);
                return Take::frame;
            }
            case Lease::lie: return refuse(place, word, &ReaderPlace::rejected);
            case Lease::moved_on: break;
        }
    }
    return Take::contended;
}

RingReader::Lease RingReader::lease(const proto::FrameToken& token, std::int64_t noticed_ns) {
    Held& held = held_[token.slot];
    if (held.readers == 0) {
        switch (slots_->hold(token.slot, token.seq, os::now_ticks(), held.record)) {
            case HoldResult::held: break;
            case HoldResult::moved_on: return Lease::moved_on;
            case HoldResult::malformed: return Lease::lie;
        }
        held.noticed_ns = noticed_ns;
        held.leased_ns = os::now_ns();
    } else if (held.record.seq != token.seq) {
        return Lease::lie;  // no honest driver publishes in a slot that we hold
    }
    ++held.readers;
    return Lease::ours;
}

void RingReader::let_go(std::uint32_t slot) {
    const std::lock_guard lock(mutex_);
    end_lease(slot);
}

void RingReader::end_lease(std::uint32_t slot) {
    if (--held_[slot].readers == 0) {
        slots_->let_go(slot);
    }
}

// Empty, and the lease is ended: no memory for it.
std::shared_ptr<RingReader::Loan> RingReader::make_loan(std::uint32_t slot) {
    try {
        return std::make_shared<Loan>(shared_from_this(), slot);
    } catch (const std::bad_alloc&) {
        end_lease(slot);
        return nullptr;
    }
}

Frame RingReader::make_frame(const proto::FrameToken& token, const ReaderPlace& place) {
    const Held& held = held_[token.slot];
    const proto::SlotRecord& record = held.record;
    const proto::RingGeometry& geometry = ring_->geometry();
    auto loan = make_loan(token.slot);
    if (!loan) {
        return {};
    }
    FrameView& view = loan->view;
    view = {.content = slots_->content(token.slot),
            .slot = token.slot,
            .width = geometry.width,
            .height = geometry.height,
            .format = static_cast<PixelFormat>(geometry.dxgi_format),
            .color = ring_->color(),
            .target_id = ring_->target_id(),
            .generation = ring_->generation(),
            .seq = token.seq,
            .source_sequence = record.source_sequence,
            .times = frame_times(record, os::ticks_per_second(), held.noticed_ns, held.leased_ns),
            .damage = {}};
    loan->damage = damage_for(place, record, *slots_, geometry.ring_len);
    view.full_damage = loan->damage.empty();
    if (view.full_damage) {
        loan->damage.add({0, 0, geometry.width, geometry.height});
    }
    view.damage = {loan->damage.begin(), loan->damage.end()};
    const FrameView* shown = &view;
    return Frame(std::move(loan), shown);
}

void RingReader::note_consumed(ReaderPlace& place, std::uint32_t seq) {
    const std::uint32_t step = seq - (place.any_taken ? place.last_seq : place.joined_after);
    place.skipped += step > 0 ? step - 1 : 0;
    place.last_seq = seq;
    place.any_taken = true;
    ++place.frames;
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

bool RingReader::wait(ReaderPlace& place, const os::Process* process, const os::Flag* cancel,
                      std::int64_t deadline_ns) {
    {
        std::unique_lock lock(wait_mutex_);
        if (leader_waits_) {
            // A leader that already woke for this token has told its followers, but not us.
            if (latest() != place.seen_word) {
                return true;
            }
            followers_.push_back(&place.wake);
            lock.unlock();
            const bool woken = os::wait({&place.wake, process, cancel}, deadline_ns);
            lock.lock();
            std::erase(followers_, &place.wake);
            return woken;
        }
        leader_waits_ = true;
    }
    proto::ReaderRecord& reader = ring_->shared().reader;
    proto::store_relaxed(reader.heartbeat_ticks, os::now_ticks());
    proto::store_relaxed(reader.waiting, 1);
    proto::full_fence();  // against the driver's fence between its token and its look at `waiting`
    const bool woken = latest() != place.seen_word ||
                       os::wait({&ring_->event(), process, cancel, &interrupt_}, deadline_ns);
    proto::store_relaxed(reader.waiting, 0);
    const std::lock_guard lock(wait_mutex_);
    leader_waits_ = false;
    for (const os::Event* follower : followers_) {
        follower->signal();
    }
    return woken;
}

void RingReader::interrupt() {
    const std::lock_guard lock(wait_mutex_);
    interrupt_.signal();
    for (const os::Event* follower : followers_) {
        follower->signal();
    }
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
