#include <functional>

#include <gtest/gtest.h>

#include "test/fake_ring.hpp"

namespace pf::core {
namespace {

using proto::AttachCheck;

class PublisherAttach : public testing::Test {
protected:
    void expect_failure(AttachError error, const RingMemory& memory) {
        EXPECT_EQ(shell.attach(memory, 1), AttachCheck::ok);
        EXPECT_FALSE(publisher.attached());
        EXPECT_EQ(fake.header().driver_status, proto::kDriverStatusTextureFail);
        EXPECT_EQ(fake.header().driver_status_detail, static_cast<std::uint32_t>(error));
        EXPECT_EQ(fake.header().driver_render_luid_low, 0x1234U);
        EXPECT_FALSE(publisher.claim({}, 2));
    }

    FakeRing fake;
    FakeShell shell;
    FramePublisher& publisher = shell.publisher;
};

TEST_F(PublisherAttach, OpensAndSaysSo) {
    fake.header().latest = 0x123456789ABC;
    ASSERT_EQ(shell.attach(fake.memory(), 99), AttachCheck::ok);
    ASSERT_TRUE(publisher.attached());
    EXPECT_EQ(fake.header().driver_render_luid_low, 0x1234U);
    EXPECT_EQ(fake.header().driver_render_luid_high, -2);
    EXPECT_EQ(fake.header().driver_status, proto::kDriverStatusOpened);
    EXPECT_EQ(fake.header().driver_status_detail, proto::kOpenedDetailLive);
    EXPECT_EQ(fake.header().latest, 0U);
    EXPECT_EQ(publisher.geometry().width, 64U);
    EXPECT_EQ(publisher.geometry().pitch_bytes, 256U);
    EXPECT_EQ(fake.tails().base.drain_heartbeat_qpc, 99U);
    EXPECT_EQ(fake.tails().health_state, proto::kHealthInitializing);
    EXPECT_EQ(fake.tails().capabilities,
              proto::kCapabilityRingHealth | proto::kCapabilitySourceTiming);
}

TEST_F(PublisherAttach, StaleWritesTheLuidAndNothingMore) {
    for (const std::uint32_t magic : {proto::kMagic, 0U}) {
        fake.header().magic = magic;
        fake.header().target_id = 999;  // stale wins over a bind mismatch
        RingMemory memory = fake.memory();
        memory.generation += magic == proto::kMagic ? 1 : 0;
        FakeRing before = fake;
        before.header().driver_render_luid_low = 0x1234;
        before.header().driver_render_luid_high = -2;
        EXPECT_EQ(shell.attach(memory, 1), AttachCheck::stale);
        EXPECT_FALSE(publisher.attached());
        EXPECT_EQ(std::memcmp(before.header_pages.data(), fake.header_pages.data(), 8192), 0);
        shell.attach_failed(memory, 77);
        EXPECT_EQ(std::memcmp(before.header_pages.data(), fake.header_pages.data(), 8192), 0);
    }
}

TEST_F(PublisherAttach, BindMismatchNamesTheRingsTarget) {
    fake.header().target_id = 31;
    EXPECT_EQ(shell.attach(fake.memory(), 1), AttachCheck::bind_mismatch);
    EXPECT_FALSE(publisher.attached());
    EXPECT_EQ(fake.header().driver_status, proto::kDriverStatusBindFail);
    EXPECT_EQ(fake.header().driver_status_detail, 31U);
    shell.attach_failed(fake.memory(), 5);
    EXPECT_EQ(fake.header().driver_status, proto::kDriverStatusBindFail);
}

TEST_F(PublisherAttach, TheShellsErrorIsTheDetail) {
    shell.attach_failed(fake.memory(), 0x80070005);
    EXPECT_EQ(fake.header().driver_status, proto::kDriverStatusTextureFail);
    EXPECT_EQ(fake.header().driver_status_detail, 0x80070005U);
    EXPECT_FALSE(publisher.attached());
}

TEST_F(PublisherAttach, ARingWithoutMemorySlotsFailsClosed) {
    fake.ring().extension.magic = 0;
    expect_failure(AttachError::no_extension, fake.memory());
}

TEST_F(PublisherAttach, AHeaderThatEndsBeforeTheExtensionFailsClosed) {
    RingMemory memory = fake.memory();
    for (const std::size_t bytes : {std::size_t{64}, std::size_t{4096}, std::size_t{6591}}) {
        memory.header = fake.memory().header.first(bytes);
        expect_failure(AttachError::no_extension, memory);
    }
    memory.header = fake.memory().header.first(6592);
    EXPECT_EQ(shell.attach(memory, 1), AttachCheck::ok);
    EXPECT_TRUE(publisher.attached());
}

TEST_F(PublisherAttach, AHeaderTooSmallForItsFirstBytesIsNotTouched) {
    RingMemory memory = fake.memory();
    memory.header = memory.header.first(63);
    EXPECT_EQ(shell.attach(memory, 1), AttachCheck::stale);
    memory.header = fake.memory().header.subspan(4);
    EXPECT_EQ(shell.attach(memory, 1), AttachCheck::stale);
    EXPECT_EQ(fake.header().driver_render_luid_low, 0U);
    EXPECT_EQ(shell.attach(RingMemory{}, 1), AttachCheck::stale);
}

TEST_F(PublisherAttach, DeliveryAndHeaderMustAgreeOnTheLength) {
    RingMemory memory = fake.memory();
    memory.ring_len = 5;
    expect_failure(AttachError::ring_len_differs, memory);
}

TEST_F(PublisherAttach, GeometryThatCannotBeIsRefused) {
    const std::function<void(FakeRing&)> lies[] = {
        [](FakeRing& f) { f.header().width = 0; },
        [](FakeRing& f) { f.header().width = 16385; },
        [](FakeRing& f) { f.header().height = 0; },
        [](FakeRing& f) { f.header().height = 0xFFFFFFFF; },
        [](FakeRing& f) { f.header().dxgi_format = 28; },
        [](FakeRing& f) { f.header().dxgi_format = proto::kFormatRgba16f; },  // pitch for 4 bytes
        [](FakeRing& f) { f.ring().extension.pitch_bytes = 0; },
        [](FakeRing& f) { f.ring().extension.pitch_bytes = 255; },
        [](FakeRing& f) { f.ring().extension.pitch_bytes = 258; },
        [](FakeRing& f) { f.ring().extension.pitch_bytes = 0xFFFFFFFC; },
        [](FakeRing& f) { f.ring().extension.slot_bytes = 64 * 32 * 4 - 1; },
        [](FakeRing& f) { f.ring().extension.slot_count = 5; },
        [](FakeRing& f) { f.ring().extension.version = 0; },
        [](FakeRing& f) { f.ring().extension.extension_bytes = 100; },
    };
    for (const auto& lie : lies) {
        fake = FakeRing();
        lie(fake);
        expect_failure(AttachError::bad_geometry, fake.memory());
    }
}

TEST_F(PublisherAttach, RingLengthsOutsideTheContractAreRefused) {
    for (const std::uint32_t length : {0U, 7U, 0xFFFFFFFFU}) {
        fake.header().ring_len = length;
        fake.ring().extension.slot_count = length;
        RingMemory memory = fake.memory();
        expect_failure(AttachError::bad_geometry, memory);
    }
}

TEST_F(PublisherAttach, EverySlotMustHoldWhatIsClaimed) {
    RingMemory memory = fake.memory();
    memory.slots[5] = memory.slots[5].first(64 * 32 * 4 - 1);
    expect_failure(AttachError::slot_too_small, memory);
    memory = fake.memory();
    memory.slots[0] = {};
    expect_failure(AttachError::slot_too_small, memory);
    memory = fake.memory();
    fake.ring().extension.slot_bytes = std::uint64_t{1} << 63;
    expect_failure(AttachError::slot_too_small, memory);
}

TEST_F(PublisherAttach, ATailIsWrittenOnlyWhereVersionAndProtocolReachIt) {
    struct Row {
        std::uint32_t protocol, version;
        bool telemetry, health;
    };
    for (const Row& row : {Row{2, 3, false, false}, Row{3, 1, false, false}, Row{3, 2, true, false},
                           Row{3, 3, true, true}, Row{6, 4, true, true}}) {
        fake = FakeRing();
        fake.header().version = row.version;
        FakeShell its(fake_config(row.protocol));
        ASSERT_EQ(its.attach(fake.memory(), 5), AttachCheck::ok);
        its.publisher.heartbeat(6);
        auto claim = its.publisher.claim({}, 7);
        its.publisher.publish(std::move(*claim), 8, 9);
        EXPECT_EQ(fake.tails().base.drain_heartbeat_qpc, row.telemetry ? 6U : 0U);
        EXPECT_EQ(fake.tails().base.last_acquire_qpc, row.telemetry ? 7U : 0U);
        EXPECT_EQ(fake.tails().base.offered_total, row.telemetry ? 1U : 0U);
        EXPECT_EQ(fake.tails().last_publish_qpc, row.health ? 9U : 0U);
        EXPECT_EQ(fake.tails().health_state, row.health ? proto::kHealthActive : 0U);
        EXPECT_EQ(fake.ring().writer.heartbeat_ticks, 6U);
        // The fence table of a later version is nobody's here.
        const auto* bytes = reinterpret_cast<const unsigned char*>(fake.header_pages.data());
        for (std::size_t i = 152; i < 4096; ++i) {
            ASSERT_EQ(bytes[i], 0) << i;
        }
    }
}

TEST_F(PublisherAttach, ANewAttachStartsOver) {
    ASSERT_EQ(shell.attach(fake.memory(), 1), AttachCheck::ok);
    auto old_claim = publisher.claim({}, 2);
    publisher.publish(std::move(*old_claim), 3, 4);
    auto open_claim = publisher.claim({}, 5);

    FakeRing other(32, 16, 2);
    ASSERT_EQ(shell.attach(other.memory(), 6), AttachCheck::ok);
    EXPECT_EQ(publisher.geometry().ring_len, 2U);
    EXPECT_FALSE(publisher.publish(std::move(*open_claim), 7, 8)) << "a claim ends with its ring";
    EXPECT_EQ(other.latest().seq, 0U);
    auto claim = publisher.claim({}, 9);
    EXPECT_TRUE(claim->lacking().is_full());
    publisher.publish(std::move(*claim), 10, 11);
    EXPECT_EQ(other.latest().seq, 1U);
    EXPECT_EQ(other.ring().records[other.latest().slot].flags, proto::kRecordFullDamage);
}

TEST_F(PublisherAttach, AFailedAttachLetsTheOldRingGo) {
    ASSERT_EQ(shell.attach(fake.memory(), 1), AttachCheck::ok);
    FakeRing other;
    other.header().target_id = 99;
    EXPECT_EQ(shell.attach(other.memory(), 2), AttachCheck::bind_mismatch);
    EXPECT_FALSE(publisher.attached());
}

TEST_F(PublisherAttach, WithoutARingNothingIsWritten) {
    publisher.heartbeat(1);
    publisher.count_mismatch(1);
    publisher.set_health(proto::kHealthRebuilding);
    EXPECT_FALSE(publisher.claim({}, 1));
    ASSERT_EQ(shell.attach(fake.memory(), 1), AttachCheck::ok);
    EXPECT_EQ(fake.tails().health_state, proto::kHealthRebuilding);
    publisher.detach();
    FakeRing before = fake;
    publisher.heartbeat(2);
    publisher.set_health(proto::kHealthDead);
    EXPECT_FALSE(publisher.claim({}, 3));
    EXPECT_EQ(std::memcmp(before.header_pages.data(), fake.header_pages.data(), 8192), 0);
}

TEST_F(PublisherAttach, TheSourcesSizeIsToldInEveryRing) {
    const std::uint64_t size = proto::pack_source_size(64, 32);
    publisher.set_source_size(size);
    ASSERT_EQ(shell.attach(fake.memory(), 1), AttachCheck::ok);
    EXPECT_EQ(fake.ring().writer.source_size, size);
    publisher.set_source_size(size);
    EXPECT_EQ(shell.waker.count, 0) << "nobody to wake, then nothing new";
    publisher.set_source_size(proto::kSourceSwitchedOff);
    EXPECT_EQ(shell.waker.count, 1);
    EXPECT_EQ(fake.ring().writer.source_size, proto::kSourceSwitchedOff);
    fake = FakeRing();
    ASSERT_EQ(shell.attach(fake.memory(), 2), AttachCheck::ok);
    EXPECT_EQ(fake.ring().writer.source_size, proto::kSourceSwitchedOff);
}

}  // namespace
}  // namespace pf::core
