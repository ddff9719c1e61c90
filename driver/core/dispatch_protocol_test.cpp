// Answers as drivers of the older protocol versions give them.
#include <gtest/gtest.h>

#include "test/fake_adapter.hpp"

namespace pf::core {
namespace {

using namespace proto;

std::uint32_t reported(Caller& c) {
    InfoReply info{};
    const auto answer = c.call(1, kIoctlGetInfo, {}, 8);
    std::memcpy(&info, answer.bytes.data(), answer.bytes.size());
    return info.protocol_version;
}

TEST(DispatchProtocol, OperationsAppearWithTheirVersion) {
    struct Row {
        std::uint32_t version;
        bool frame_channel, update_modes, cursor_channel, cursor_forward;
    };
    for (const Row& row : {Row{1, true, false, false, false}, Row{2, true, false, false, false},
                           Row{3, true, false, false, false}, Row{4, true, true, false, false},
                           Row{5, true, true, true, false}, Row{6, true, true, true, true},
                           Row{7, true, true, true, true}}) {
        Caller c(row.version);
        const std::uint32_t target = c.add(1, 1, 0, true);
        const auto expected = [](bool there) { return there ? kStatusSuccess : kStatusNotFound; };
        EXPECT_EQ(reported(c), row.version);
        EXPECT_EQ(c.status(1, kIoctlSetFrameChannel, Caller::channel(target)),
                  expected(row.frame_channel));
        EXPECT_EQ(c.status(1, kIoctlUpdateModes, UpdateModesRequest{1, 8, 8, 8, 0}),
                  expected(row.update_modes));
        EXPECT_EQ(c.status(1, kIoctlSetCursorChannel, SetCursorChannelRequest{target, 0, 200}),
                  expected(row.cursor_channel));
        EXPECT_EQ(c.status(1, kIoctlSetCursorForward, SetCursorForwardRequest{target, 1}),
                  expected(row.cursor_forward));
        EXPECT_EQ(c.adapter.live.at(target).hw_cursor, row.cursor_channel)
            << "a driver without the channel draws the pointer, version " << row.version;
    }
}

TEST(DispatchProtocol, AMissingOperationIsMissingEvenWhenMalformed) {
    Caller c(3);
    EXPECT_EQ(c.call(1, kIoctlUpdateModes, {}, 0).status, kStatusNotFound);
}

TEST(DispatchProtocol, VersionTwoKnowsOnlyTheLegacySizes) {
    Caller c(2);
    const AddRequest request{1, 640, 480, 60, 0, 1000, 400, 50, 1};
    const auto answer = c.call(1, kIoctlAdd, Caller::bytes(request), 24);
    EXPECT_EQ(answer.status, kStatusSuccess);
    EXPECT_EQ(answer.bytes.size(), 20U);
    EXPECT_FALSE(answer.wrote_outside);
    const auto& monitor = c.adapter.live.begin()->second;
    EXPECT_EQ(monitor.luminance.max_nits, 0U);
    EXPECT_FALSE(monitor.hw_cursor);
}

TEST(DispatchProtocol, AShortRequestHasAZeroTail) {
    Caller c(6);
    const AddRequest request{1, 640, 480, 60, 0, 1000, 400, 50, 1};
    EXPECT_EQ(c.call(1, kIoctlAdd, Caller::bytes(request, 30), 20).status, kStatusSuccess);
    const auto& monitor = c.adapter.live.begin()->second;
    EXPECT_EQ(monitor.luminance.max_nits, 1000U) << "whole in the 30 bytes";
    EXPECT_EQ(monitor.luminance.max_frame_avg_nits, 400U) << "its upper half is missing";
    EXPECT_EQ(monitor.luminance.min_millinits, 0U);
    EXPECT_FALSE(monitor.hw_cursor);
}

}  // namespace
}  // namespace pf::core
