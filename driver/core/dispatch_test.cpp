// The status table of the driver's operations, row by row, and what each success does.
#include <pf/core/dispatch.hpp>

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/fake_adapter.hpp"

namespace pf::core {
namespace {

using namespace proto;
using testing::ElementsAre;

constexpr std::uint64_t kSession = 77;
constexpr Owner kOwner = 1;

AddRequest add_request() {
    return {kSession + 1, 2560, 1440, 144, 0, 0, 0, 0, 0};
}

template <typename T>
std::vector<std::byte> changed(T value, const std::function<void(T&)>& change) {
    change(value);
    return Caller::bytes(value);
}

// Every row runs against a driver with one monitor of kOwner's: session kSession, target 1, with a
// hardware cursor; `prepare` changes that first.
struct Row {
    const char* what;
    std::uint32_t code;
    std::vector<std::byte> input;
    std::size_t output;
    std::uint32_t status;
    std::size_t written = 0;
    std::function<void(Caller&)> prepare = [](Caller&) {};
};

using Channel = SetFrameChannelRequest;

std::vector<Row> rows() {
    const auto channel = Caller::channel(1);
    const auto b = [](const auto& value) { return Caller::bytes(value); };
    const auto cut = [](const auto& value, std::size_t n) { return Caller::bytes(value, n); };
    const UpdateModesRequest modes{kSession, 800, 600, 75, 0};
    const auto live_cursor = [](Caller& c) {
        c.status(kOwner, kIoctlSetCursorChannel, SetCursorChannelRequest{1, 0, 200});
    };
    return {
        {"GetInfo", kIoctlGetInfo, {}, 8, kStatusSuccess, 8},
        {"GetInfo with room to spare", kIoctlGetInfo, {}, 100, kStatusSuccess, 8},
        {"GetInfo, 7 bytes of output", kIoctlGetInfo, {}, 7, kStatusBufferTooSmall},
        {"GetInfo without output", kIoctlGetInfo, {}, 0, kStatusBufferTooSmall},
        {"Ping", kIoctlPing, {}, 0, kStatusSuccess},
        {"Ping ignores input", kIoctlPing, b(modes), 8, kStatusSuccess},
        {"ClearAll", kIoctlClearAll, {}, 0, kStatusSuccess},
        {"ClearAll ignores input", kIoctlClearAll, b(modes), 8, kStatusSuccess},

        {"Add", kIoctlAdd, b(add_request()), 24, kStatusSuccess, 24},
        {"Add, oversized", kIoctlAdd, cut(add_request(), 400), 64, kStatusSuccess, 24},
        {"Add, legacy sizes", kIoctlAdd, cut(add_request(), 24), 20, kStatusSuccess, 20},
        {"Add, sizes in between", kIoctlAdd, cut(add_request(), 31), 22, kStatusSuccess, 22},
        {"Add, 23 bytes", kIoctlAdd, cut(add_request(), 23), 24, kStatusInvalidParameter},
        {"Add, nothing", kIoctlAdd, {}, 24, kStatusInvalidParameter},
        {"Add, 19 bytes of output", kIoctlAdd, b(add_request()), 19, kStatusBufferTooSmall},
        {"Add, both short: input first", kIoctlAdd, cut(add_request(), 23), 0,
         kStatusInvalidParameter},
        {"Add, width 0", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.width = 0; }), 24,
         kStatusInvalidParameter},
        {"Add, width 16385", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.width = 16385; }), 24,
         kStatusInvalidParameter},
        {"Add, width 16384", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.width = 16384; }), 24, kStatusSuccess,
         24},
        {"Add, height 0", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.height = 0; }), 24,
         kStatusInvalidParameter},
        {"Add, height 16385", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.height = 16385; }), 24,
         kStatusInvalidParameter},
        {"Add, 0 Hz", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.refresh_hz = 0; }), 24,
         kStatusInvalidParameter},
        {"Add, 1001 Hz", kIoctlAdd,
         changed<AddRequest>(add_request(), [](auto& r) { r.refresh_hz = 1001; }), 24,
         kStatusInvalidParameter},
        {"Add, cannot create", kIoctlAdd, b(add_request()), 24, kStatusNotFound, 0,
         [](Caller& c) { c.adapter.refuse_plug = true; }},

        {"Remove", kIoctlRemove, b(RemoveRequest{kSession}), 0, kStatusSuccess},
        {"Remove, unknown", kIoctlRemove, b(RemoveRequest{12345}), 0, kStatusSuccess},
        {"Remove, 7 bytes", kIoctlRemove, cut(RemoveRequest{kSession}, 7), 0,
         kStatusInvalidParameter},

        {"SetRenderAdapter", kIoctlSetRenderAdapter, b(SetRenderAdapterRequest{5, 6}), 0,
         kStatusSuccess},
        {"SetRenderAdapter, 7 bytes", kIoctlSetRenderAdapter, cut(SetRenderAdapterRequest{5, 6}, 7),
         0, kStatusInvalidParameter},
        {"SetRenderAdapter, no adapter yet", kIoctlSetRenderAdapter,
         b(SetRenderAdapterRequest{5, 6}), 0, kStatusNotFound, 0,
         [](Caller& c) { c.adapter.has_adapter = false; }},

        {"SetFrameChannel", kIoctlSetFrameChannel, b(channel), 0, kStatusSuccess},
        {"SetFrameChannel, oversized", kIoctlSetFrameChannel, cut(channel, 200), 9, kStatusSuccess},
        {"SetFrameChannel, 79 bytes", kIoctlSetFrameChannel, cut(channel, 79), 0,
         kStatusInvalidParameter},
        {"SetFrameChannel, ring_len 0", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.ring_len = 0; }), 0, kStatusInvalidParameter},
        {"SetFrameChannel, ring_len 7", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.ring_len = 7; }), 0, kStatusInvalidParameter},
        {"SetFrameChannel, no header", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.header_handle = 0; }), 0,
         kStatusInvalidParameter},
        {"SetFrameChannel, no event", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.event_handle = 0; }), 0,
         kStatusInvalidParameter},
        {"SetFrameChannel, no last slot", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.texture_handles[5] = 0; }), 0,
         kStatusInvalidParameter},
        {"SetFrameChannel, zeros past ring_len", kIoctlSetFrameChannel,
         changed<Channel>(channel,
                          [](auto& r) {
                              r.ring_len = 2;
                              r.texture_handles[2] = r.texture_handles[5] = 0;
                          }),
         0, kStatusSuccess},
        {"SetFrameChannel, a handle nobody gave", kIoctlSetFrameChannel, b(channel), 0,
         kStatusInvalidParameter, 0, [](Caller& c) { c.adapter.unknown = {105}; }},
        {"SetFrameChannel, unknown target", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.target_id = 999; }), 0, kStatusNotFound},
        {"SetFrameChannel, malformed comes before unknown", kIoctlSetFrameChannel,
         changed<Channel>(channel, [](auto& r) { r.target_id = 999, r.ring_len = 0; }), 0,
         kStatusInvalidParameter},

        {"UpdateModes", kIoctlUpdateModes, b(modes), 0, kStatusSuccess},
        {"UpdateModes, 23 bytes", kIoctlUpdateModes, cut(modes, 23), 0, kStatusInvalidParameter},
        {"UpdateModes, bad mode", kIoctlUpdateModes,
         b(UpdateModesRequest{kSession, 800, 600, 0, 0}), 0, kStatusInvalidParameter},
        {"UpdateModes, pad is anything", kIoctlUpdateModes,
         b(UpdateModesRequest{kSession, 800, 600, 75, 0xDEAD}), 0, kStatusSuccess},
        {"UpdateModes, unknown session", kIoctlUpdateModes,
         b(UpdateModesRequest{kSession + 5, 800, 600, 75, 0}), 0, kStatusNotFound},
        {"UpdateModes, the change fails", kIoctlUpdateModes, b(modes), 0, kStatusNotSupported, 0,
         [](Caller& c) { c.adapter.mode_status = kStatusNotSupported; }},

        {"SetCursorChannel", kIoctlSetCursorChannel, b(SetCursorChannelRequest{1, 0xFF, 200}), 0,
         kStatusSuccess},
        {"SetCursorChannel, 15 bytes", kIoctlSetCursorChannel,
         cut(SetCursorChannelRequest{1, 0, 200}, 15), 0, kStatusInvalidParameter},
        {"SetCursorChannel, zero handle", kIoctlSetCursorChannel,
         b(SetCursorChannelRequest{1, 0, 0}), 0, kStatusInvalidParameter},
        {"SetCursorChannel, a handle nobody gave", kIoctlSetCursorChannel,
         b(SetCursorChannelRequest{1, 0, 200}), 0, kStatusInvalidParameter, 0,
         [](Caller& c) { c.adapter.unknown = {200}; }},
        {"SetCursorChannel, unknown target", kIoctlSetCursorChannel,
         b(SetCursorChannelRequest{9, 0, 200}), 0, kStatusNotFound},
        {"SetCursorChannel without hw_cursor", kIoctlSetCursorChannel,
         b(SetCursorChannelRequest{2, 0, 200}), 0, kStatusNotFound, 0,
         [](Caller& c) { c.add(kOwner, 500); }},

        {"SetCursorForward", kIoctlSetCursorForward, b(SetCursorForwardRequest{1, 0}), 0,
         kStatusSuccess, 0, live_cursor},
        {"SetCursorForward, 7 bytes", kIoctlSetCursorForward, cut(SetCursorForwardRequest{1, 0}, 7),
         0, kStatusInvalidParameter, 0, live_cursor},
        {"SetCursorForward, unknown target", kIoctlSetCursorForward,
         b(SetCursorForwardRequest{9, 1}), 0, kStatusNotFound, 0, live_cursor},
        {"SetCursorForward without a channel", kIoctlSetCursorForward,
         b(SetCursorForwardRequest{1, 1}), 0, kStatusNotFound},

        {"a later version's operation", ctl_code(0x90A), b(channel), 24, kStatusNotFound},
        {"no operation", 0, {}, 0, kStatusNotFound},
        {"any code", 0xFFFFFFFF, {}, 0, kStatusNotFound},
    };
}

TEST(Dispatch, AnswersAsTheTableSays) {
    for (const Row& row : rows()) {
        Caller c;
        ASSERT_EQ(c.add(kOwner, kSession, 3, true), 1U);
        row.prepare(c);
        const std::size_t before = c.adapter.live.size();
        const auto answer = c.call(kOwner, row.code, row.input, row.output);
        EXPECT_EQ(answer.status, row.status) << row.what;
        EXPECT_EQ(answer.bytes.size(), row.written) << row.what;
        EXPECT_FALSE(answer.wrote_outside) << row.what;
        EXPECT_EQ(c.adapter.stray_calls, 0) << row.what;
        const bool adapters = c.adapter.refuse_plug || c.adapter.mode_status != kStatusSuccess;
        EXPECT_EQ(answer.reason != nullptr, row.status != kStatusSuccess && !adapters)
            << row.what << ": core says why it refuses, the adapter why that does";
        if (row.status != kStatusSuccess) {
            EXPECT_EQ(c.adapter.live.size(), before) << row.what;
            EXPECT_EQ(c.dispatcher.monitors().size(), before) << row.what;
            for (const auto& [target, monitor] : c.adapter.live) {
                EXPECT_TRUE(monitor.rings.empty()) << row.what << ": nothing is adopted";
                EXPECT_TRUE(monitor.forwards.empty()) << row.what;
                EXPECT_EQ(monitor.modes[0], (Mode{1920, 1080, 60})) << row.what;
            }
        }
    }
}

TEST(Dispatch, GetInfoTellsVersionAndWatchdog) {
    Caller c;
    const auto answer = c.call(kOwner, kIoctlGetInfo, {}, 8);
    InfoReply info{};
    std::memcpy(&info, answer.bytes.data(), sizeof(info));
    EXPECT_EQ(info.protocol_version, 6U);
    EXPECT_EQ(info.watchdog_timeout_s, 10U);
}

TEST(Dispatch, AddPlugsWhatWasAskedFor) {
    Caller c;
    const AddRequest request{9, 2560, 1440, 144, 4, 1000, 400, 50, 1};
    const auto answer = c.call(kOwner, kIoctlAdd, Caller::bytes(request), 24);
    AddReply reply{};
    std::memcpy(&reply, answer.bytes.data(), sizeof(reply));
    EXPECT_EQ(reply.adapter_luid_low, 0x11U);
    EXPECT_EQ(reply.adapter_luid_high, -1);
    EXPECT_EQ(reply.resolved_monitor_id, 4U);
    EXPECT_EQ(reply.wudf_pid, 4242U);
    EXPECT_EQ(reply.cursor_excluded, 1U);
    const auto& plugged = c.adapter.live.at(reply.target_id);
    EXPECT_EQ(plugged.monitor_id, 4U);
    EXPECT_EQ(plugged.mode, (Mode{2560, 1440, 144}));
    EXPECT_EQ(plugged.luminance.max_nits, 1000U);
    EXPECT_EQ(plugged.luminance.max_frame_avg_nits, 400U);
    EXPECT_EQ(plugged.luminance.min_millinits, 50U);
    EXPECT_EQ(plugged.edid.size() % 128, 0U);
    EXPECT_EQ(plugged.edid[0x0C], 4);
    EXPECT_THAT(plugged.modes, ElementsAre(Mode{2560, 1440, 144}, Mode{1920, 1080, 60},
                                           Mode{1920, 1080, 120}, Mode{1280, 720, 60}));
}

TEST(Dispatch, AShortOutputCreatesNothingAndKeepsTheOldMonitor) {
    Caller c;
    ASSERT_EQ(c.add(kOwner, kSession), 1U);
    AddRequest again = add_request();
    again.session_id = kSession;
    EXPECT_EQ(c.call(kOwner, kIoctlAdd, Caller::bytes(again), 19).status, kStatusBufferTooSmall);
    EXPECT_EQ(c.adapter.plug_calls, 1);
    EXPECT_EQ(c.adapter.live.count(1), 1U);
}

TEST(Dispatch, AddingALiveSessionDepartsTheOldFirst) {
    Caller c;
    EXPECT_EQ(c.add(kOwner, kSession, 5), 1U);
    EXPECT_EQ(c.add(kOwner, kSession, 5), 2U);
    EXPECT_EQ(c.reply.resolved_monitor_id, 5U) << "the old one's id is free again";
    EXPECT_EQ(c.adapter.log, " unplug1");
    EXPECT_EQ(c.adapter.live.size(), 1U);
}

TEST(Dispatch, AFailedReplacementLeavesNothing) {
    Caller c;
    c.add(kOwner, kSession);
    c.adapter.refuse_plug = true;
    EXPECT_EQ(c.add(kOwner, kSession), 0U);
    EXPECT_TRUE(c.adapter.live.empty());
    EXPECT_EQ(c.dispatcher.monitors().size(), 0U);
}

TEST(Dispatch, IdsArePreferredElseLowestAndNeverTakenFromAHolder) {
    Caller c;
    c.add(kOwner, 1, 2);
    EXPECT_EQ(c.reply.resolved_monitor_id, 2U);
    c.add(kOwner, 2, 2);
    EXPECT_EQ(c.reply.resolved_monitor_id, 1U);
    c.add(kOwner, 3, 16);
    EXPECT_EQ(c.reply.resolved_monitor_id, 3U);
    c.add(kOwner, 4, 0xFFFFFFFF);
    EXPECT_EQ(c.reply.resolved_monitor_id, 4U);
}

TEST(Dispatch, TheSixteenthMonitorIsRefused) {
    Caller c;
    for (std::uint64_t session = 1; session <= 15; ++session) {
        ASSERT_NE(c.add(kOwner, session), 0U);
    }
    EXPECT_EQ(c.add(kOwner, 16), 0U);
    EXPECT_EQ(c.add(kOwner, 16, 7), 0U);
    EXPECT_NE(c.add(kOwner, 3), 0U) << "but one may replace its own";
    EXPECT_EQ(c.adapter.live.size(), 15U);
}

TEST(Dispatch, TargetsAreNeverReused) {
    Caller c;
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 500; ++i) {
        c.adapter.refuse_plug = i % 7 == 0;
        const std::uint32_t target = c.add(kOwner, kSession);
        if (target != 0) {
            EXPECT_TRUE(seen.insert(target).second);
        }
    }
    EXPECT_EQ(c.adapter.ever.size(), 500U) << "a refused plug uses its number up, too";
}

TEST(Dispatch, ADeliveryHandsOverEveryValue) {
    Caller c;
    c.add(kOwner, kSession);
    auto request = Caller::channel(1);
    request.ring_len = 2;
    request.header_bytes = 0;
    request.generation = 9;
    ASSERT_EQ(c.status(kOwner, kIoctlSetFrameChannel, request), kStatusSuccess);
    const RingDelivery& ring = c.adapter.live.at(1).rings.at(0);
    EXPECT_EQ(ring.generation, 9U);
    EXPECT_EQ(ring.ring_len, 2U);
    EXPECT_EQ(ring.header_bytes, 64U);
    EXPECT_EQ(ring.header, 100U);
    EXPECT_EQ(ring.event, 101U);
    EXPECT_THAT(ring.slots, ElementsAre(102, 103, 104, 105, 106, 107));
}

TEST(Dispatch, UpdateModesRemembersOnlyWhatWorked) {
    Caller c;
    c.add(kOwner, kSession);
    EXPECT_EQ(c.status(kOwner, kIoctlUpdateModes, UpdateModesRequest{kSession, 800, 600, 75, 0}),
              kStatusSuccess);
    c.adapter.mode_status = kStatusNotSupported;
    c.status(kOwner, kIoctlUpdateModes, UpdateModesRequest{kSession, 10, 10, 10, 0});
    c.adapter.mode_status = kStatusSuccess;
    c.status(kOwner, kIoctlUpdateModes, UpdateModesRequest{kSession, 640, 480, 60, 0});
    EXPECT_THAT(c.adapter.live.at(1).modes,
                ElementsAre(Mode{640, 480, 60}, Mode{800, 600, 75}, Mode{1920, 1080, 60},
                            Mode{1920, 1080, 120}, Mode{1280, 720, 60}));
}

TEST(Dispatch, TheCursorChannelAndItsForward) {
    Caller c;
    c.add(kOwner, kSession, 0, true);
    EXPECT_EQ(c.status(kOwner, kIoctlSetCursorChannel, SetCursorChannelRequest{1, 0, 200}),
              kStatusSuccess);
    EXPECT_EQ(c.status(kOwner, kIoctlSetCursorForward, SetCursorForwardRequest{1, 0}),
              kStatusSuccess);
    EXPECT_EQ(c.status(kOwner, kIoctlSetCursorForward, SetCursorForwardRequest{1, 9}),
              kStatusSuccess);
    EXPECT_THAT(c.adapter.live.at(1).cursors, ElementsAre(200));
    EXPECT_THAT(c.adapter.live.at(1).forwards, ElementsAre(false, true));
}

TEST(Dispatch, TheRenderAdapterChangesTheReportedLuid) {
    Caller c;
    c.adapter.has_adapter = false;
    c.status(kOwner, kIoctlSetRenderAdapter, SetRenderAdapterRequest{5, 6});
    EXPECT_EQ(c.dispatcher.adapter_luid().low, 0x11U);
    c.adapter.has_adapter = true;
    c.status(kOwner, kIoctlSetRenderAdapter, SetRenderAdapterRequest{5, 6});
    c.add(kOwner, kSession);
    EXPECT_EQ(c.reply.adapter_luid_low, 5U);
    EXPECT_EQ(c.reply.adapter_luid_high, 6);
}

}  // namespace
}  // namespace pf::core
