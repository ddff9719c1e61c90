// Bytes to structs and back: unaligned, short, oversized, and cut at the legacy sizes.
#include <pf/proto/all.hpp>

#include <array>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

// The bytes 1, 2, 3, .. at an odd address.
struct Unaligned {
    alignas(16) std::array<unsigned char, 4096> raw{};
    explicit Unaligned(std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) {
            raw[i + 1] = static_cast<unsigned char>(i * 7 + 1);
        }
    }
    const unsigned char* data() const { return raw.data() + 1; }
    unsigned char* data() { return raw.data() + 1; }
};

template <typename T>
class RoundTrip : public testing::Test {};
using WireStructs =
    testing::Types<Guid, AddRequest, AddReply, RemoveRequest, SetRenderAdapterRequest, InfoReply,
                   SetFrameChannelRequest, UpdateModesRequest, SetCursorChannelRequest,
                   SetCursorForwardRequest, SharedHeader, SharedHeaderV2, SharedHeaderV3, CursorShm,
                   TransportRequest, TransportReply, RingExtension, ReaderRecord, WriterRecord,
                   SlotLease, DamageRect, SlotRecord, MemoryRing, AddExactRequest,
                   UpdateModesExactRequest>;
TYPED_TEST_SUITE(RoundTrip, WireStructs);

TYPED_TEST(RoundTrip, KeepsEveryByteOfUnalignedInput) {
    const Unaligned in(sizeof(TypeParam));
    TypeParam value;
    ASSERT_TRUE(read_struct(in.data(), sizeof(TypeParam), value));
    Unaligned out(0);
    EXPECT_EQ(write_prefix(value, out.data(), sizeof(TypeParam)), sizeof(TypeParam));
    EXPECT_EQ(in.raw, out.raw);
}

TYPED_TEST(RoundTrip, RefusesEveryShorterInputAndLeavesZeros) {
    const Unaligned in(sizeof(TypeParam));
    const std::vector<unsigned char> zeros(sizeof(TypeParam));
    for (std::size_t bytes = 0; bytes < sizeof(TypeParam); ++bytes) {
        TypeParam value;
        std::memset(&value, 0xFF, sizeof(value));
        ASSERT_FALSE(read_struct(bytes == 0 ? nullptr : in.data(), bytes, value)) << bytes;
        ASSERT_EQ(std::memcmp(&value, zeros.data(), sizeof(value)), 0) << bytes;
    }
}

TYPED_TEST(RoundTrip, IgnoresSurplusAndWritesNoFurtherThanItMay) {
    const Unaligned in(sizeof(TypeParam) + 9);
    TypeParam value;
    ASSERT_TRUE(read_struct(in.data(), sizeof(TypeParam) + 9, value));
    for (const std::size_t room : {std::size_t{0}, std::size_t{1}, sizeof(TypeParam) - 1,
                                   sizeof(TypeParam), sizeof(TypeParam) + 9}) {
        Unaligned out(0);
        const std::size_t written = write_prefix(value, out.data(), room);
        ASSERT_EQ(written, room < sizeof(TypeParam) ? room : sizeof(TypeParam));
        ASSERT_EQ(std::memcmp(out.data(), in.data(), written), 0);
        for (std::size_t i = written; i < written + 16; ++i) {
            ASSERT_EQ(out.data()[i], 0);
        }
    }
}

TEST(AddRequestPrefix, EveryLengthFromTheLegacyOneOnReadsWithAZeroTail) {
    const AddRequest full{0x1122334455667788, 2560, 1440, 120, 3, 1000, 400, 50, 1};
    unsigned char bytes[sizeof(AddRequest)];
    write_prefix(full, bytes, sizeof(bytes));
    AddRequest got;
    EXPECT_FALSE(read_prefix(bytes, 23, kAddRequestLegacySize, got));
    EXPECT_EQ(got.width, 0u);

    ASSERT_TRUE(read_prefix(bytes, 24, kAddRequestLegacySize, got));
    EXPECT_EQ(got.session_id, full.session_id);
    EXPECT_EQ(got.preferred_monitor_id, 3u);
    EXPECT_EQ(got.max_luminance_nits, 0u);
    EXPECT_EQ(got.hw_cursor, 0u);

    ASSERT_TRUE(read_prefix(bytes, 36, kAddRequestLegacySize, got));
    EXPECT_EQ(got.min_luminance_millinits, 50u);
    EXPECT_EQ(got.hw_cursor, 0u);

    ASSERT_TRUE(read_prefix(bytes, 40, kAddRequestLegacySize, got));
    EXPECT_EQ(got.hw_cursor, 1u);
}

// Byte for byte, both ways: nothing but these bytes tells two builds apart.
TEST(ExactRate, TravelsBehindThePublicStructs) {
    const AddExactRequest add{{0x1122334455667788, 1920, 1080, 60, 3, 1000, 400, 50, 1}, 59940, 0};
    const unsigned char add_bytes[48] = {
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x80, 0x07, 0, 0, 0x38, 0x04, 0, 0,
        60,   0,    0,    0,    3,    0,    0,    0,    0xE8, 0x03, 0, 0, 0x90, 0x01, 0, 0,
        50,   0,    0,    0,    1,    0,    0,    0,    0x24, 0xEA, 0, 0, 0,    0,    0, 0};
    unsigned char out[48] = {};
    ASSERT_EQ(write_prefix(add, out, sizeof(out)), 48u);
    EXPECT_EQ(std::memcmp(out, add_bytes, 48), 0);
    AddExactRequest got_add;
    ASSERT_TRUE(read_struct(add_bytes, 48, got_add));
    EXPECT_EQ(got_add.add.refresh_hz, 60u);
    EXPECT_EQ(got_add.refresh_millihertz, 59940u);

    const UpdateModesExactRequest update{{0x1122334455667788, 1920, 1080, 24, 0}, 23976, 0};
    const unsigned char update_bytes[32] = {
        0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x80, 0x07, 0, 0, 0x38, 0x04, 0, 0,
        24,   0,    0,    0,    0,    0,    0,    0,    0xA8, 0x5D, 0, 0, 0,    0,    0, 0};
    ASSERT_EQ(write_prefix(update, out, sizeof(out)), 32u);
    EXPECT_EQ(std::memcmp(out, update_bytes, 32), 0);
    UpdateModesExactRequest got_update;
    ASSERT_TRUE(read_struct(update_bytes, 32, got_update));
    EXPECT_EQ(got_update.update.refresh_hz, 24u);
    EXPECT_EQ(got_update.refresh_millihertz, 23976u);
}

TEST(AddReplyPrefix, AHostOfProtocol2GetsTwentyBytes) {
    const AddReply reply{1, -2, 3, 4, 5, 6};
    unsigned char bytes[sizeof(AddReply)] = {};
    EXPECT_EQ(write_prefix(reply, bytes, kAddReplyLegacySize), 20u);
    AddReply got;
    ASSERT_TRUE(read_prefix(bytes, 20, kAddReplyLegacySize, got));
    EXPECT_EQ(got.adapter_luid_high, -2);
    EXPECT_EQ(got.wudf_pid, 5u);
    EXPECT_EQ(got.cursor_excluded, 0u);
    EXPECT_EQ(write_prefix(reply, bytes, 4096), 24u);
}

TEST(Bytes, IntegersAreLittleEndian) {
    unsigned char bytes[8];
    write_prefix(SetCursorForwardRequest{0x01020304, 0x05060708}, bytes, 8);
    const unsigned char expected[8] = {4, 3, 2, 1, 8, 7, 6, 5};
    EXPECT_EQ(std::memcmp(bytes, expected, 8), 0);
}

constexpr bool works_in_constant_evaluation() {
    unsigned char bytes[8] = {};
    InfoReply got{};
    return write_prefix(InfoReply{6, 10}, bytes, 8) == 8 && read_struct(bytes, 8, got) &&
           got.protocol_version == 6 && got.watchdog_timeout_s == 10;
}
static_assert(works_in_constant_evaluation());

}  // namespace
}  // namespace pf::proto
