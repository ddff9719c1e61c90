// Our own operations: the exact rate reaches the shell, and everything else is as with the public
// ones.
#include <pf/proto/exact_rate.hpp>

#include <gtest/gtest.h>

#include "test/fake_adapter.hpp"

namespace pf::core {
namespace {

using namespace proto;

AddExactRequest add_of(std::uint32_t refresh_hz, std::uint32_t millihertz) {
    return {{1, 1920, 1080, refresh_hz, 0, 1000, 400, 50, 1}, millihertz, 0};
}

UpdateModesExactRequest update_of(std::uint32_t refresh_hz, std::uint32_t millihertz) {
    return {{1, 1280, 720, refresh_hz, 0}, millihertz, 0};
}

TEST(DispatchRate, AddSaysTheExactRate) {
    Caller c;
    const auto answer = c.call(1, kIoctlAddExact, Caller::bytes(add_of(60, 59940)), 24);
    EXPECT_EQ(answer.status, kStatusSuccess);
    EXPECT_EQ(answer.bytes.size(), sizeof(AddReply));
    ASSERT_EQ(c.adapter.live.size(), 1U);
    const auto& monitor = c.adapter.live.begin()->second;
    EXPECT_EQ(monitor.mode, (Mode{1920, 1080, 60, 59940}));
    EXPECT_EQ(monitor.modes.front(), monitor.mode);
    EXPECT_TRUE(monitor.hw_cursor);
    EXPECT_EQ(monitor.luminance.max_nits, 1000U);
    // The rate stands in the EDID's first detailed timing, in steps of 10 kHz: 138.39 MHz.
    EXPECT_EQ(monitor.edid[54] | monitor.edid[55] << 8, 13839);
}

TEST(DispatchRate, UpdateModesSaysTheExactRate) {
    Caller c;
    const std::uint32_t target = c.add(1, 1);
    EXPECT_EQ(c.status(1, kIoctlUpdateModesExact, update_of(24, 23976)), kStatusSuccess);
    EXPECT_EQ(c.adapter.live.at(target).modes.front(), (Mode{1280, 720, 24, 23976}));
    EXPECT_EQ(c.status(1, kIoctlUpdateModes, UpdateModesRequest{1, 1280, 720, 24, 0}),
              kStatusSuccess);
    EXPECT_EQ(c.adapter.live.at(target).modes.front(), (Mode{1280, 720, 24}));
    EXPECT_EQ(c.status(2, kIoctlUpdateModesExact, update_of(24, 23976)), kStatusNotFound)
        << "somebody else's";
}

TEST(DispatchRate, TheTwoRatesOfARequestAreOne) {
    Caller c;
    for (const auto& [hz, millihertz] :
         {std::pair{59U, 59940U}, {61U, 59940U}, {60U, 0U}, {1U, 999U}, {1000U, 1'000'001U}}) {
        EXPECT_EQ(c.call(1, kIoctlAddExact, Caller::bytes(add_of(hz, millihertz)), 24).status,
                  kStatusInvalidParameter);
        EXPECT_EQ(c.status(1, kIoctlUpdateModesExact, update_of(hz, millihertz)),
                  kStatusInvalidParameter);
    }
    EXPECT_EQ(c.adapter.plug_calls, 0);
}

TEST(DispatchRate, MalformedRequestsAreRefusedAsThePublicOnesAre) {
    Caller c;
    const AddExactRequest good = add_of(60, 59940);
    EXPECT_EQ(c.call(1, kIoctlAddExact, Caller::bytes(good, 47), 24).status,
              kStatusInvalidParameter);
    EXPECT_EQ(c.call(1, kIoctlAddExact, Caller::bytes(good), 19).status, kStatusBufferTooSmall);
    AddExactRequest flat = good;
    flat.add.height = 0;
    EXPECT_EQ(c.call(1, kIoctlAddExact, Caller::bytes(flat), 24).status, kStatusInvalidParameter);
    EXPECT_EQ(c.call(1, kIoctlUpdateModesExact, Caller::bytes(update_of(24, 23976), 31), 0).status,
              kStatusInvalidParameter);
    EXPECT_EQ(c.adapter.plug_calls, 0);
}

TEST(DispatchRate, DriversOfOlderProtocolsKnowNothingOfIt) {
    for (std::uint32_t version = 2; version <= 5; ++version) {
        Caller c(version);
        EXPECT_EQ(c.call(1, kIoctlAddExact, Caller::bytes(add_of(60, 59940)), 24).status,
                  kStatusNotFound);
        EXPECT_EQ(c.status(1, kIoctlUpdateModesExact, update_of(24, 23976)), kStatusNotFound);
        EXPECT_EQ(c.adapter.plug_calls, 0);
    }
}

}  // namespace
}  // namespace pf::core
