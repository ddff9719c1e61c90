// Deliveries that a host makes to hurt: objects that shrink after they were handed over, claim more
// memory than there are addresses, share pages with one another, or block whoever signals them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pf/proto/control.hpp>

#include "pattern/pattern_source.hpp"
#include "process/control/handle_table.hpp"
#include "process/test/bytes_of.hpp"
#include "process/test/control_now.hpp"
#include "process/test/hand_ring.hpp"
#include "process/test/scratch.hpp"
#include "runtime.hpp"

namespace pf::driver {
namespace {

using test::bytes_of;
using test::eventually;
using test::HandRing;

constexpr core::Owner kHost = 1;
constexpr core::Owner kNeighbour = 2;

os::Handle memory(std::uint64_t bytes, int seals) {
    os::Handle handle = os::Handle::adopt(memfd_create("lie", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    EXPECT_EQ(ftruncate(static_cast<int>(handle.native()), static_cast<off_t>(bytes)), 0);
    EXPECT_EQ(fcntl(static_cast<int>(handle.native()), F_ADD_SEALS, seals), 0);
    return handle;
}

class HostileDelivery : public testing::Test {
protected:
    std::uint32_t add(core::Owner owner, bool hw_cursor = false) {
        proto::AddRequest request{};
        request.session_id = 1;
        request.width = 64;
        request.height = 32;
        request.refresh_hz = 200;
        request.hw_cursor = hw_cursor;
        EXPECT_EQ(call(owner, proto::kIoctlAdd, bytes_of(request)), proto::kStatusSuccess);
        proto::AddReply reply;
        std::memcpy(&reply, output_.data(), sizeof reply);
        return reply.target_id;
    }
    std::uint32_t call(core::Owner owner, std::uint32_t code, std::span<const std::byte> input) {
        return test::control_now(runtime_, {1, owner, code, input, output_.size(), os::now_ns()},
                                 output_)
            .status;
    }
    std::uint64_t give(core::Owner owner, const os::Handle& handle) {
        return *handles_.give(owner, *handle.duplicate());
    }
    // The ring's objects, one of them another: slot 0..5, 6 the event, 7 the header.
    std::uint32_t deliver(core::Owner owner, const HandRing& ring, std::size_t which = 99,
                          const os::Handle& instead = {}) {
        const auto one = [&](std::size_t place, const os::Handle& right) {
            return give(owner, place == which ? instead : right);
        };
        proto::SetFrameChannelRequest request{};
        request.target_id = ring.plan().target_id;
        request.generation = ring.plan().generation;
        request.ring_len = ring.plan().ring_len;
        request.header_bytes = proto::kHeaderSectionBytes;
        request.header_handle = one(7, ring.header_region().handle());
        request.event_handle = one(6, ring.event().handle());
        for (std::size_t i = 0; i < ring.slots().size(); ++i) {
            request.texture_handles[i] = one(i, ring.slots()[i].handle());
        }
        return call(owner, proto::kIoctlSetFrameChannel, bytes_of(request));
    }
    // A neighbour's monitor shows frames, that is, the driver goes on.
    void expect_service() {
        HandRing ring({.target_id = add(kNeighbour)});
        EXPECT_EQ(deliver(kNeighbour, ring), proto::kStatusSuccess);
        const auto frame = ring.wait_frame(os::deadline_after(20 * os::kSecond));
        ASSERT_TRUE(frame);
        EXPECT_TRUE(ring.verify(*frame).whole);
    }

    std::array<std::byte, 256> output_{};
    PatternSource source_{PatternOptions{}};
    HandleTable handles_;
    Runtime runtime_{core::DriverConfig{6, 4711, 1, 0}, handles_, source_,
                     CompletionQueue::create().value()};
};

// Otherwise a write of the driver behind the new end would be a SIGBUS.
TEST_F(HostileDelivery, WhatCanShrinkIsNeverMapped) {
    HandRing ring({.target_id = add(kHost)});
    for (const int seals : {0, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_GROW | F_SEAL_SEAL}) {
        for (const std::size_t which : {std::size_t{0}, std::size_t{5}, std::size_t{7}}) {
            const std::uint64_t bytes = which == 7 ? proto::kHeaderSectionBytes : ring.slot_bytes();
            const os::Handle object = memory(bytes, seals);
            EXPECT_EQ(deliver(kHost, ring, which, object), proto::kStatusSuccess);
            const int shrunk = ftruncate(static_cast<int>(object.native()), 0);
            EXPECT_EQ(shrunk == 0, (seals & F_SEAL_SHRINK) == 0);
            EXPECT_NE(ring.status(), proto::kDriverStatusOpened);
        }
    }
    expect_service();
}

TEST_F(HostileDelivery, WhatIsMappedCannotShrink) {
    HandRing ring({.target_id = add(kHost)});
    ASSERT_EQ(deliver(kHost, ring), proto::kStatusSuccess);
    ASSERT_EQ(ring.status(), proto::kDriverStatusOpened);
    for (const os::Region& slot : ring.slots()) {
        EXPECT_NE(ftruncate(static_cast<int>(slot.handle().native()), 0), 0);
    }
    EXPECT_NE(ftruncate(static_cast<int>(ring.header_region().handle().native()), 64), 0);
    // A hole in it fills again where the driver writes.
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(fallocate(static_cast<int>(ring.slots()[i % 6].handle().native()),
                            FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 8192),
                  0);
        const auto frame = ring.wait_frame(os::deadline_after(20 * os::kSecond));
        ASSERT_TRUE(frame);
        ring.release(*frame);
    }
}

// Objects of no pages at all: two of the largest would leave the process no address for anything.
TEST_F(HostileDelivery, ImmenseObjectsAreNotMapped) {
    constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    HandRing ring({.target_id = add(kHost, true)});
    for (const std::uint64_t bytes : {std::uint64_t{1} << 40, std::uint64_t{1} << 46}) {
        const os::Handle object = memory(bytes, kSeals);
        for (const std::size_t which : {std::size_t{0}, std::size_t{5}, std::size_t{7}}) {
            proto::store_relaxed(ring.header().base.base.driver_status, 0);
            EXPECT_EQ(deliver(kHost, ring, which, object), proto::kStatusSuccess);
            EXPECT_NE(ring.status(), proto::kDriverStatusOpened);
        }
        auto& magic =
            *static_cast<std::uint32_t*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
                                              static_cast<int>(object.native()), 0));
        magic = proto::kCursorMagic;
        const proto::SetCursorChannelRequest request{ring.plan().target_id, 0, give(kHost, object)};
        call(kHost, proto::kIoctlSetCursorChannel, bytes_of(request));
        const auto& cursor = *reinterpret_cast<const proto::CursorShm*>(&magic);
        EXPECT_EQ(proto::load_acquire(cursor.seq), 0u) << "it was mapped and written";
        munmap(&magic, 4096);
    }
    expect_service();
}

TEST_F(HostileDelivery, SlotsThatAreOneAnotherOrTheHeaderHurtTheirHostOnly) {
    HandRing ring({.target_id = add(kHost)});
    EXPECT_EQ(deliver(kHost, ring, 3, ring.slots()[2].handle()), proto::kStatusSuccess);
    EXPECT_EQ(ring.status(), proto::kDriverStatusOpened);
    // The driver paints over its own words; it never reads them back.
    HandRing small({.target_id = add(kHost), .height = 16});
    EXPECT_EQ(deliver(kHost, small, 0, small.header_region().handle()), proto::kStatusSuccess);
    expect_service();
}

TEST_F(HostileDelivery, AnEventThatBlocksStopsNobody) {
    HandRing ring({.target_id = add(kHost)});
    const os::Handle event = os::Handle::adopt(eventfd(0, EFD_CLOEXEC));
    ASSERT_EQ(deliver(kHost, ring, 6, event), proto::kStatusSuccess);
    ASSERT_EQ(ring.status(), proto::kDriverStatusOpened);
    const auto descriptor = static_cast<int>(event.native());
    const int flags = fcntl(descriptor, F_GETFL);
    std::uint64_t seen = 0;
    EXPECT_TRUE(eventually([&] {
        proto::store_relaxed(ring.ring().reader.waiting, 1);
        const std::uint64_t full = UINT64_MAX - 1;
        fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
        (void)!write(descriptor, &full, sizeof full);
        fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
        if (const auto frame = ring.take()) {
            ring.release(*frame);
            ++seen;
        }
        return seen >= 50;
    }));
    expect_service();
}

}  // namespace
}  // namespace pf::driver
