#include "ring_machine.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

#include "capture/memory_slots.hpp"

namespace pf::model {
namespace {

constexpr std::uint32_t kWidth = 8, kHeight = 4, kTarget = 3;
constexpr std::uint32_t kTicks = 1;

// As the kernel says. A thread of this process.
bool sleeps(pid_t thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto name_ends = line.rfind(')');
    return name_ends != std::string::npos && line.compare(name_ends, 3, ") S") == 0;
}

}  // namespace

// The host's own slots, with a pause before each lease.
class RingMachine::SteppedSlots : public host::SlotSource {
public:
    SteppedSlots(RingMachine& machine, const host::FrameRing& ring)
        : machine_(machine), slots_(ring) {}

    host::HoldResult hold(std::uint32_t slot, std::uint32_t seq, std::uint64_t noticed_ticks,
                          proto::SlotRecord& record) override {
        machine_.note_("look:new");
        machine_.in_hold_();
        auto result = slots_.hold(slot, seq, noticed_ticks, record);
        if (machine_.leases_ == Leases::unchecked) {
            record.seq = seq;
            result = host::HoldResult::held;
        }
        if (result != host::HoldResult::held) {
            machine_.note_("hold:moved");
        }
        return result;
    }
    void let_go(std::uint32_t slot) override { slots_.let_go(slot); }
    bool peek(std::uint32_t slot, proto::SlotRecord& record) const override {
        return slots_.peek(slot, record);
    }
    std::variant<host::FrameMemory> content(std::uint32_t slot) const override {
        return slots_.content(slot);
    }

private:
    RingMachine& machine_;
    host::MemorySlots slots_;
};

RingMachine::RingMachine(std::function<void(const std::string&)> note,
                         std::function<void()> in_hold, Leases leases)
    : note_(std::move(note)),
      in_hold_(std::move(in_hold)),
      leases_(leases),
      publisher_({.target_id = kTarget, .luid_low = 0, .luid_high = 0}),
      position_(host::RingReader::new_position().value()) {
    make_ring();
}

RingMachine::~RingMachine() {
    if (waits()) {
        reader_->interrupt();
        end_wait();
    }
}

void RingMachine::make_ring() {
    ++ring_;
    auto ring = host::FrameRing::create({.width = kWidth,
                                         .height = kHeight,
                                         .format = host::PixelFormat::bgra8,
                                         .target_id = kTarget,
                                         .generation = ring_})
                    .value();
    auto memory = std::make_unique<Memory>();
    memory->header = os::WritableMapping::map(ring->header_region()).value();
    memory->ring.header = memory->header.bytes();
    memory->ring.ring_len = kSlots;
    memory->ring.generation = ring_;
    for (std::uint32_t i = 0; i < kSlots; ++i) {
        memory->slots[i] = os::WritableMapping::map(ring->slot_region(i)).value();
        memory->ring.slots[i] = memory->slots[i].bytes();
    }
    // The model has three slots; the reader goes on with its own geometry.
    ring->header().base.base.ring_len = kSlots;
    ring->shared().extension.slot_count = kSlots;
    auto slots = std::make_unique<SteppedSlots>(*this, *ring);
    reader_ = std::make_shared<host::RingReader>(std::move(ring), os::Event::create().value(),
                                                 std::move(slots));
    memory_ = std::move(memory);
    position_.last_seq = 0;
    position_.any_taken = false;
    position_.seen_word = position_.refused_word = 0;
}

std::string RingMachine::seen() {
    using proto::load_relaxed;
    const proto::MemoryRing& shared = reader_->ring().shared();
    const auto token =
        proto::FrameToken::unpack(load_relaxed(reader_->ring().header().base.base.latest));
    char text[160];
    int n = std::snprintf(text, sizeof text, "%u,%u,%u.%u.%u,%u%d", ring_, position_.last_seq,
                          token.generation, token.seq, token.slot,
                          load_relaxed(shared.reader.waiting), event_ ? 1 : 0);
    for (std::uint32_t i = 0; i < kSlots; ++i) {
        const auto pixels = reader_->ring().pixels(i);
        n += std::snprintf(text + n, sizeof text - static_cast<std::size_t>(n), ",%c%u%d%d%c",
                           "FWP?"[std::min(load_relaxed(shared.records[i].state), 3U)],
                           load_relaxed(shared.records[i].seq), std::to_integer<int>(pixels[0]),
                           std::to_integer<int>(pixels[kWidth * kHeight * 4 - 1]),
                           load_relaxed(shared.leases[i].held) != 0 ? 'h' : '-');
    }
    std::size_t older = 0;
    for (const host::Frame& frame : frames_) {
        older += frame.view().generation != ring_;
    }
    std::snprintf(text + n, sizeof text - static_cast<std::size_t>(n), ",%zu", older);
    return text;
}

void RingMachine::attach() {
    EXPECT_EQ(core::attach_memory(publisher_, memory_->slot_set, memory_->ring, *this, kTicks),
              proto::AttachCheck::ok);
    EXPECT_TRUE(publisher_.attached());
    claim_.reset();  // ended by the attach; before the memory of its ring goes
    attached_memory_ = nullptr;
    std::swap(attached_memory_, memory_);
    attached_ring_ = ring_;
    published_ = 0;
    phase_ = Phase::idle;
    note_("attach");
}

void RingMachine::claim() {
    claim_ = publisher_.claim({}, kTicks);
    phase_ = claim_ ? Phase::claimed : Phase::idle;
    note_(claim_ ? "claim" : "drop");
}

void RingMachine::draw() {
    const std::size_t half = claim_->pixels().size() / 2;
    std::memset(claim_->pixels().data() + (phase_ == Phase::claimed ? 0 : half),
                static_cast<int>(published_ + 1), half);
    phase_ = phase_ == Phase::claimed ? Phase::half_drawn : Phase::drawn;
    note_("draw");
}

void RingMachine::abandon() {
    claim_.reset();
    phase_ = Phase::idle;
    note_("abandon");
}

void RingMachine::publish() {
    publisher_.publish(std::move(*claim_), kTicks, kTicks);
    claim_.reset();
    ++published_;
    phase_ = Phase::idle;
    note_("publish");
}

void RingMachine::new_ring() {
    make_ring();
    note_("new_ring");
}

host::Take RingMachine::take() {
    host::Frame frame;
    const host::Take took = reader_->take(position_, frame);
    switch (took) {
        case host::Take::frame:
            frames_.push_back(std::move(frame));
            note_("hold:ours");
            break;
        case host::Take::nothing: note_("look:nothing"); break;
        case host::Take::contended: break;
    }
    return took;
}

// The reader blocks when there is nothing that it has not looked at. Its flag tells that it is
// about to; only asleep has it looked once more, and comes back when it is told to and not before.
void RingMachine::wait() {
    const auto& words = reader_->ring();
    const bool blocks = proto::load_acquire(words.header().base.base.latest) == position_.seen_word;
    std::atomic<pid_t> thread{0};
    waiter_ = std::thread([this, &thread] {
        thread = ::gettid();
        reader_->wait(position_, nullptr, os::deadline_after(60 * os::kSecond));
    });
    if (!blocks) {
        end_wait();
        note_("wait:not");
        return;
    }
    const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
    while (proto::load_acquire(words.shared().reader.waiting) == 0 || !sleeps(thread)) {
        ASSERT_LT(os::now_ns(), deadline_ns) << "the reader never waits";
        std::this_thread::yield();
    }
    note_("waits");
}

void RingMachine::end_wait() {
    waiter_.join();
    waiter_ = {};
}

void RingMachine::come_back() {
    reader_->ring().event().signal();
    end_wait();
    event_ = false;
    note_("woke");
}

void RingMachine::look_again() {
    reader_->interrupt();
    end_wait();
    note_("look_again");
}

void RingMachine::let_go(std::size_t index) {
    std::swap(frames_[index], frames_.back());
    frames_.pop_back();
    note_("let_go");
}

}  // namespace pf::model
