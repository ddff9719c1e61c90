// The real ring in the model's hands: driver core's publisher over three slots of a ring that the
// host's reader made. Each member is one call of the model; seen() is what the model shows of a
// state. One thread, but for a wait that is going on.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <pf/core/memory_slots.hpp>

#include "capture/ring_reader.hpp"

namespace pf::model {

inline constexpr std::uint32_t kSlots = 3;  // that the driver is told of; the model's SLOTS

// A reader that does not look what became of the slot since its token: BREAK_lease_check.
enum class Leases { sound, unchecked };

class RingMachine final : private core::Waker {
public:
    // `note` is told of every call that ended; `in_hold` comes between the reader's look at
    // `latest` and its lease.
    RingMachine(std::function<void(const std::string& call)> note, std::function<void()> in_hold,
                Leases leases = Leases::sound);
    RingMachine(const RingMachine&) = delete;
    ~RingMachine();

    std::string seen();

    // The driver.
    enum class Phase { idle, claimed, half_drawn, drawn };
    Phase phase() const { return phase_; }
    std::uint32_t published() const { return published_; }  // into the ring that is attached
    std::uint32_t attached_ring() const { return attached_ring_; }
    void attach();
    void claim();
    void draw();
    void abandon();
    void publish();

    // The host.
    std::uint32_t ring() const { return ring_; }
    void new_ring();
    host::Take take();
    void wait();  // returns when it waits or came back
    bool waits() const { return waiter_.joinable(); }
    bool woken() const { return event_; }
    void come_back();   // after woken()
    void look_again();  // the wait's end without a frame
    std::size_t loans() const { return frames_.size(); }
    void let_go(std::size_t index);

private:
    class SteppedSlots;
    struct Memory {
        os::WritableMapping header;
        std::array<os::WritableMapping, kSlots> slots;
        core::RingMemory ring;
        core::MemorySlots slot_set;
    };
    void make_ring();
    void end_wait();
    void wake() override { event_ = true; }

    std::function<void(const std::string&)> note_;
    std::function<void()> in_hold_;
    Leases leases_;
    std::unique_ptr<Memory> memory_, attached_memory_;  // the driver's views
    core::FramePublisher publisher_;
    std::optional<core::Claim> claim_;
    Phase phase_ = Phase::idle;
    std::uint32_t ring_ = 0, attached_ring_ = 0, published_ = 0;
    std::shared_ptr<host::RingReader> reader_;
    host::ReadPosition position_;
    bool event_ = false;  // signalled and not yet consumed
    std::thread waiter_;
    std::vector<host::Frame> frames_;
};

}  // namespace pf::model
