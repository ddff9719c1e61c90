#include "runtime.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <system_error>

#include <pf/core/attach_error.hpp>
#include <pf/os/test/open_handles.hpp>
#include <pf/proto/control.hpp>

#include "pattern/pattern_source.hpp"
#include "process/control/handle_table.hpp"
#include "process/test/bytes_of.hpp"
#include "process/test/control_now.hpp"
#include "process/test/hand_ring.hpp"
#include "process/test/scratch.hpp"

namespace pf::driver {
namespace {

using proto::SetFrameChannelRequest;
using test::bytes_of;
using test::eventually;
using test::HandRing;

constexpr core::Owner kHost = 1;
constexpr core::Owner kOther = 2;

os::Handle not_memory() {
    return os::Handle::adopt(open("/dev/null", O_RDWR | O_CLOEXEC));
}

os::Handle unsealed(std::uint64_t bytes) {
    os::Handle handle =
        os::Handle::adopt(memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    EXPECT_EQ(ftruncate(static_cast<int>(handle.native()), static_cast<off_t>(bytes)), 0);
    return handle;
}

class RuntimeTest : public testing::Test {
protected:
    std::uint32_t call(core::Owner owner, std::uint32_t code, std::span<const std::byte> input) {
        return test::control_now(runtime_, {1, owner, code, input, output_.size(), os::now_ns()},
                                 output_)
            .status;
    }
    std::uint32_t add(core::Owner owner, std::uint64_t session, bool hw_cursor = false) {
        proto::AddRequest request{};
        request.session_id = session;
        request.width = 64;
        request.height = 32;
        request.refresh_hz = 60;
        request.hw_cursor = hw_cursor;
        EXPECT_EQ(call(owner, proto::kIoctlAdd, bytes_of(request)), proto::kStatusSuccess);
        proto::AddReply reply;
        std::memcpy(&reply, output_.data(), sizeof reply);
        return reply.target_id;
    }
    std::uint64_t give(const os::Handle& handle, core::Owner owner = kHost) {
        return *handles_.give(owner, *handle.duplicate());
    }
    SetFrameChannelRequest give_ring(const HandRing& ring) {
        return ring.delivery([&](const os::Handle& handle) { return give(handle); });
    }
    std::uint32_t deliver(const SetFrameChannelRequest& request, core::Owner owner = kHost) {
        return call(owner, proto::kIoctlSetFrameChannel, bytes_of(request));
    }

    std::array<std::byte, 256> output_{};
    std::vector<std::string> lines_;
    PatternSource source_{PatternOptions{}};
    HandleTable handles_;
    Runtime runtime_{core::DriverConfig{6, 4711, 1, 0}, handles_, source_,
                     CompletionQueue::create().value(),
                     [this](std::vector<std::string> lines) { lines_ = std::move(lines); }};
};

TEST_F(RuntimeTest, ADeliveredRingIsAdoptedAndFilled) {
    HandRing ring({.target_id = add(kHost, 1)});
    EXPECT_EQ(deliver(give_ring(ring)), proto::kStatusSuccess);
    EXPECT_EQ(handles_.size(), 0u);
    EXPECT_EQ(ring.status(), proto::kDriverStatusOpened);
    const auto frame = ring.wait_frame(os::deadline_after(20 * os::kSecond));
    ASSERT_TRUE(frame);
    EXPECT_TRUE(ring.verify(*frame).whole);
}

TEST_F(RuntimeTest, OnAnErrorEverythingStaysTheHosts) {
    const std::uint32_t target = add(kHost, 1);
    const HandRing ring({.target_id = target});
    SetFrameChannelRequest request = give_ring(ring);
    const auto refused = [&](auto change, std::uint32_t status, core::Owner owner = kHost) {
        SetFrameChannelRequest changed = request;
        change(changed);
        EXPECT_EQ(deliver(changed, owner), status);
        EXPECT_EQ(handles_.size(), 8u);
    };
    refused([](auto& r) { r.ring_len = 0; }, proto::kStatusInvalidParameter);
    refused([](auto& r) { r.ring_len = 7; }, proto::kStatusInvalidParameter);
    refused([](auto& r) { r.header_handle = 0; }, proto::kStatusInvalidParameter);
    refused([](auto& r) { r.texture_handles[5] = 0; }, proto::kStatusInvalidParameter);
    refused([](auto& r) { r.texture_handles[5] = 42; }, proto::kStatusInvalidParameter);
    refused([](auto& r) { r.target_id += 1; }, proto::kStatusNotFound);
    refused([](auto&) {}, proto::kStatusNotFound, kOther);
    EXPECT_TRUE(handles_.close(kHost, request.header_handle));
    EXPECT_FALSE(handles_.close(kHost, request.header_handle));
}

// Each is adopted, told through the status words, and leaves nothing behind.
TEST_F(RuntimeTest, WhatCannotBeOpenedIsToldAndClosed) {
    const std::uint32_t target = add(kHost, 1);
    HandRing ring({.target_id = target});
    const auto small = os::Region::create(ring.slot_bytes() / 2, "small");
    const std::size_t before = os::test::open_handles();
    const auto fails = [&](auto change) {
        proto::store_relaxed(ring.header().base.base.driver_status, 0);
        SetFrameChannelRequest request = give_ring(ring);
        change(request);
        EXPECT_EQ(deliver(request), proto::kStatusSuccess);
        EXPECT_EQ(ring.status(), proto::kDriverStatusTextureFail);
        EXPECT_NE(ring.detail(), 0u);
        return ring.detail();
    };
    const auto replace = [&](std::uint64_t& value, const os::Handle& handle) {
        handles_.close(kHost, value);
        value = give(handle);
    };
    fails([&](auto& r) { replace(r.event_handle, not_memory()); });
    fails([&](auto& r) { replace(r.event_handle, ring.header_region().handle()); });
    fails([&](auto& r) { replace(r.texture_handles[2], not_memory()); });
    fails([&](auto& r) { replace(r.texture_handles[2], ring.event().handle()); });
    fails([&](auto& r) { replace(r.texture_handles[5], unsealed(ring.slot_bytes())); });
    fails([&](auto& r) {
        handles_.close(kHost, r.texture_handles[1]);
        r.texture_handles[1] = r.texture_handles[0];
    });
    fails([&](auto& r) { r.header_bytes = proto::kHeaderSectionBytes + 1; });
    EXPECT_EQ(fails([&](auto& r) { replace(r.texture_handles[0], small->handle()); }),
              static_cast<std::uint32_t>(core::AttachError::slot_too_small));
    EXPECT_TRUE(eventually([&] { return os::test::open_handles() == before; }));
    EXPECT_EQ(handles_.size(), 0u);
}

TEST_F(RuntimeTest, AFormatThatTheSourceLacksIsRefusedWithTheReason) {
    const std::uint32_t target = add(kHost, 1);
    HandRing ring({.target_id = target, .dxgi_format = proto::kFormatRgb10a2});
    const SetFrameChannelRequest request = give_ring(ring);
    const auto done = test::control_now(
        runtime_, {1, kHost, proto::kIoctlSetFrameChannel, bytes_of(request), output_.size(), 0},
        output_);
    EXPECT_EQ(done.status, proto::kStatusSuccess) << "the handles are the driver's";
    EXPECT_EQ(done.reason_line, "rgb10 is not what this source has; it gives bgra8");
    EXPECT_TRUE(done.final);
    EXPECT_EQ(ring.status(), proto::kDriverStatusTextureFail);
    EXPECT_EQ(ring.detail(), static_cast<std::uint32_t>(core::AttachError::format_not_given));
    EXPECT_EQ(handles_.size(), 0u);
    HandRing right({.target_id = target, .generation = 2});
    EXPECT_EQ(deliver(give_ring(right)), proto::kStatusSuccess);
    EXPECT_EQ(right.status(), proto::kDriverStatusOpened);
}

TEST_F(RuntimeTest, AHeaderThatCannotBeMappedIsClosedUntold) {
    const std::uint32_t target = add(kHost, 1);
    const HandRing ring({.target_id = target});
    const std::size_t before = os::test::open_handles();
    for (const os::Handle& header : {not_memory(), unsealed(8192)}) {
        SetFrameChannelRequest request = give_ring(ring);
        handles_.close(kHost, request.header_handle);
        request.header_handle = give(header);
        EXPECT_EQ(deliver(request), proto::kStatusSuccess);
    }
    EXPECT_EQ(handles_.size(), 0u);
    EXPECT_TRUE(eventually([&] { return os::test::open_handles() <= before; }));
}

TEST_F(RuntimeTest, AnOldersPeersHeaderFailsClosed) {
    const std::uint32_t target = add(kHost, 1);
    HandRing ring({.target_id = target});
    const auto page = os::Region::create(4096, "header without the extension");
    const auto mapping = os::WritableMapping::map(*page);
    std::memcpy(mapping->bytes().data(), &ring.header(), 152);
    auto& header = *reinterpret_cast<proto::SharedHeader*>(mapping->bytes().data());
    SetFrameChannelRequest request = give_ring(ring);
    handles_.close(kHost, request.header_handle);
    request.header_handle = give(page->handle());
    request.header_bytes = 0;
    EXPECT_EQ(deliver(request), proto::kStatusSuccess);
    EXPECT_EQ(header.driver_status, proto::kDriverStatusTextureFail);
}

TEST_F(RuntimeTest, EntriesPastTheRingAreAdoptedToo) {
    const std::uint32_t target = add(kHost, 1);
    HandRing ring({.target_id = target, .ring_len = 3});
    SetFrameChannelRequest request = give_ring(ring);
    request.texture_handles[4] = give(not_memory());
    EXPECT_EQ(deliver(request), proto::kStatusSuccess);
    EXPECT_EQ(handles_.size(), 0u);
    EXPECT_EQ(ring.status(), proto::kDriverStatusOpened);
}

TEST_F(RuntimeTest, CyclesLeaveNothingBehind) {
    const std::size_t before = os::test::open_handles();
    for (std::uint64_t i = 0; i < 50; ++i) {
        HandRing ring({.target_id = add(kHost, i)});
        EXPECT_EQ(deliver(give_ring(ring)), proto::kStatusSuccess);
        const proto::RemoveRequest remove{i};
        EXPECT_EQ(call(kHost, proto::kIoctlRemove, bytes_of(remove)), proto::kStatusSuccess);
    }
    EXPECT_EQ(runtime_.monitor_count(), 0u);
    EXPECT_TRUE(eventually([&] { return os::test::open_handles() == before; }));
}

TEST_F(RuntimeTest, AGoneHostTakesItsOwnAlong) {
    const std::uint32_t theirs = add(kHost, 1);
    HandRing others_ring({.target_id = add(kOther, 1)});
    give(not_memory());
    give(not_memory(), kOther);
    EXPECT_EQ(runtime_.monitor_count(), 2u);
    EXPECT_EQ(lines_.size(), 2u);
    runtime_.owner_gone(kHost);
    EXPECT_EQ(runtime_.monitor_count(), 1u);
    EXPECT_EQ(handles_.size(), 1u);
    ASSERT_EQ(lines_.size(), 1u);
    EXPECT_NE(lines_[0].find("64x32@60"), std::string::npos);
    EXPECT_EQ(call(kOther, proto::kIoctlSetFrameChannel, {}), proto::kStatusInvalidParameter);
    EXPECT_NE(theirs, others_ring.plan().target_id);
}

TEST_F(RuntimeTest, ACursorSectionIsAdoptedAndWritten) {
    const auto region = os::Region::create(proto::kCursorSectionBytes, "cursor");
    const auto mapping = os::WritableMapping::map(*region);
    auto& shared = *reinterpret_cast<proto::CursorShm*>(mapping->bytes().data());
    shared.magic = proto::kCursorMagic;
    const std::uint32_t target = add(kHost, 1, true);
    const proto::SetCursorChannelRequest request{target, 0, give(region->handle())};
    EXPECT_EQ(call(kHost, proto::kIoctlSetCursorChannel, bytes_of(request)), proto::kStatusSuccess);
    EXPECT_EQ(handles_.size(), 0u);
    EXPECT_TRUE(eventually([&] { return proto::load_acquire(shared.shape_id) != 0; }));
    const proto::SetCursorChannelRequest bad{target, 0, give(not_memory())};
    EXPECT_EQ(call(kHost, proto::kIoctlSetCursorChannel, bytes_of(bad)), proto::kStatusSuccess);
    EXPECT_EQ(handles_.size(), 0u);
}

// A source that finds no thread, as a system at its limit has none.
class ThreadlessSource final : public FrameSource {
public:
    void plug(const core::MonitorSpec&, std::shared_ptr<MonitorOutput>, Completer&& done) override {
        begin(std::move(done));
    }
    void set_mode(core::MonitorNumber, const core::Mode&, Completer&& done) override {
        begin(std::move(done));
    }
    void unplug(core::MonitorNumber, Completer&& done) noexcept override { done.finish({}); }
    bool gives(std::uint32_t) const override { return true; }

    bool short_of_threads = true;
    bool loses_completer = false;  // what it took over goes with the exception

private:
    void begin(Completer&& done) const {
        if (loses_completer) {
            const Completer taken = std::move(done);
            throw std::bad_alloc();
        }
        if (short_of_threads) {
            throw std::system_error(EAGAIN, std::generic_category(), "thread");
        }
        done.finish({});
    }
};

TEST(RuntimeShortOfThreads, IsAnErrorOfThatCallAlone) {
    ThreadlessSource source;
    HandleTable handles;
    Runtime runtime(core::DriverConfig{6, 4711, 1, 0}, handles, source,
                    CompletionQueue::create().value());
    std::array<std::byte, 256> output{};
    const auto call = [&](std::uint32_t code, const auto& request) {
        return test::control_now(runtime, {1, kHost, code, bytes_of(request), output.size(), 0},
                                 output)
            .status;
    };
    const proto::AddRequest add{7, 64, 32, 60, 0, 0, 0, 0, 0};
    EXPECT_EQ(call(proto::kIoctlAdd, add), proto::kStatusNotFound);
    EXPECT_EQ(runtime.monitor_count(), 0U);
    source.loses_completer = true;
    EXPECT_EQ(call(proto::kIoctlAdd, add), proto::kStatusNotFound);
    source.loses_completer = source.short_of_threads = false;
    EXPECT_EQ(call(proto::kIoctlAdd, add), proto::kStatusSuccess);
    source.short_of_threads = true;
    const proto::UpdateModesRequest update{7, 32, 32, 60, 0};
    EXPECT_EQ(call(proto::kIoctlUpdateModes, update), proto::kStatusNotFound);
    EXPECT_EQ(call(proto::kIoctlRemove, proto::RemoveRequest{7}), proto::kStatusSuccess);
    EXPECT_EQ(runtime.monitor_count(), 0U);
}

}  // namespace
}  // namespace pf::driver
