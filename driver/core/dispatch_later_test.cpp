// Operations that the system completes later: who waits for whom, what ends meanwhile, and that an
// id and a connector are nobody's before the system has let go of them.
#include <functional>

#include <gtest/gtest.h>

#include "test/fake_adapter.hpp"

namespace pf::core {
namespace {

using namespace proto;
using What = test::PromptAdapter::End::What;

constexpr Owner kMine = 1, kOther = 2;
constexpr std::int64_t kSecond = 1'000'000'000;

class DispatchLater : public testing::Test {
protected:
    RequestId begin_add(Owner owner, std::uint64_t session, std::uint32_t preferred = 0) {
        const AddRequest request{session, 1920, 1080, 60, preferred, 0, 0, 0, 1};
        EXPECT_FALSE(c.begin(owner, kIoctlAdd, Caller::bytes(request), 24));
        return c.last_id;
    }
    RequestId begin_mode(Owner owner, std::uint64_t session, std::uint32_t width) {
        const UpdateModesRequest request{session, width, 600, 60, 0};
        EXPECT_FALSE(c.begin(owner, kIoctlUpdateModes, Caller::bytes(request)));
        return c.last_id;
    }
    void remove(Owner owner, std::uint64_t session) {
        const auto done = c.begin(owner, kIoctlRemove, Caller::bytes(RemoveRequest{session}));
        ASSERT_TRUE(done) << "a Remove waits for nobody";
        EXPECT_EQ(done->status, kStatusSuccess);
    }
    // The oldest thing that the system was asked for is done.
    void system_is_done(What what) {
        ASSERT_FALSE(c.adapter.ends.empty());
        ASSERT_EQ(c.adapter.ends.front().what, what);
        c.adapter.tell_one(c.dispatcher, c.now_ns);
        c.adapter.collect(c.dispatcher);
    }
    bool answered(RequestId id) const { return c.adapter.answers.count(id) == 1; }
    std::uint32_t status(RequestId id) const { return c.adapter.answers.at(id).status; }
    AddReply reply(RequestId id) const {
        const Completion& done = c.adapter.answers.at(id);
        AddReply reply{};
        std::memcpy(&reply, done.output.data(), done.bytes_written);
        return reply;
    }

    Caller c;
};

TEST_F(DispatchLater, AnAddIsAnsweredWhenTheMonitorIsThereAndNobodyWaitsForIt) {
    const RequestId mine = begin_add(kMine, 1);
    EXPECT_FALSE(answered(mine));
    EXPECT_EQ(c.begin(kOther, kIoctlPing, {})->status, kStatusSuccess);
    const RequestId other = begin_add(kOther, 1);
    EXPECT_EQ(c.begin(kMine, kIoctlSetFrameChannel, Caller::bytes(Caller::channel(1)))->status,
              kStatusNotFound)
        << "it is not there yet";
    system_is_done(What::plug);
    EXPECT_TRUE(answered(mine));
    EXPECT_FALSE(answered(other));
    EXPECT_EQ(c.begin(kMine, kIoctlSetFrameChannel, Caller::bytes(Caller::channel(1)))->status,
              kStatusSuccess);
}

TEST_F(DispatchLater, TheSystemNamesTargetAndAdapter) {
    c.adapter.first_target = 900;
    c.adapter.adapter = Luid{7, 8};
    const RequestId add = begin_add(kMine, 1, 4);
    system_is_done(What::plug);
    EXPECT_EQ(reply(add).target_id, 900U);
    EXPECT_EQ(reply(add).adapter_luid_low, 7U);
    EXPECT_EQ(reply(add).adapter_luid_high, 8);
    EXPECT_EQ(reply(add).resolved_monitor_id, 4U);
    EXPECT_EQ(c.adapter.live.at(1).connector, 0U) << "counts from 0, whatever the id";
    EXPECT_EQ(c.begin(kMine, kIoctlSetFrameChannel, Caller::bytes(Caller::channel(900)))->status,
              kStatusSuccess);
}

TEST_F(DispatchLater, AFailedPlugIsTheAnswerAndLeavesNothing) {
    c.adapter.refuse_plug = true;
    const RequestId add = begin_add(kMine, 1);
    system_is_done(What::plug);
    EXPECT_EQ(status(add), kStatusNotFound);
    EXPECT_EQ(c.adapter.answers.at(add).reason, nullptr) << "the shell knows why";
    EXPECT_EQ(c.dispatcher.monitors().size(), 0U);
    EXPECT_EQ(c.dispatcher.monitors().leaving(), 0U);
    EXPECT_TRUE(c.adapter.log.empty());
}

TEST_F(DispatchLater, AMonitorRemovedOnItsWayDepartsAndItsAddIsRefused) {
    const RequestId add = begin_add(kMine, 1);
    remove(kMine, 1);
    EXPECT_EQ(status(add), kStatusNotFound);
    EXPECT_EQ(c.adapter.log, " unplug1");
    EXPECT_EQ(c.dispatcher.monitors().size(), 0U);
    system_is_done(What::plug);
    EXPECT_EQ(c.dispatcher.monitors().size(), 0U) << "what comes late says nothing";
    EXPECT_EQ(c.dispatcher.monitors().leaving(), 1U);
    system_is_done(What::unplug);
    EXPECT_EQ(c.dispatcher.monitors().leaving(), 0U);
}

TEST_F(DispatchLater, SoItIsWithClearAllAnOwnersEndAndAStop) {
    const std::vector<std::function<void()>> ends = {
        [&] { c.begin(kMine, kIoctlClearAll, {}); },
        [&] { c.dispatcher.owner_gone(kMine); },
        [&] { c.dispatcher.depart_all(); },
    };
    for (const auto& end : ends) {
        const RequestId add = begin_add(kMine, 1);
        end();
        c.adapter.collect(c.dispatcher);
        EXPECT_EQ(status(add), kStatusNotFound);
        EXPECT_EQ(c.dispatcher.monitors().size(), 0U);
        c.adapter.settle(c.dispatcher, c.now_ns);
        EXPECT_TRUE(c.adapter.live.empty());
        EXPECT_EQ(c.dispatcher.monitors().leaving(), 0U);
    }
}

TEST_F(DispatchLater, AnAddReplacesOneOfItsSessionAndWaitsUntilThatIsGone) {
    const RequestId first = begin_add(kMine, 1, 5);
    const RequestId second = begin_add(kMine, 1, 5);
    EXPECT_EQ(status(first), kStatusNotFound);
    EXPECT_EQ(c.adapter.plug_calls, 1) << "the id is not free yet";
    system_is_done(What::plug);
    EXPECT_EQ(c.adapter.plug_calls, 1);
    system_is_done(What::unplug);
    EXPECT_EQ(c.adapter.plug_calls, 2);
    EXPECT_FALSE(answered(second));
    system_is_done(What::plug);
    EXPECT_EQ(reply(second).resolved_monitor_id, 5U);
    EXPECT_EQ(c.adapter.live.size(), 1U);
}

TEST_F(DispatchLater, AnAddThatWaitsCanBeRemovedBeforeItWasEverPlugged) {
    begin_add(kMine, 1, 5);
    const RequestId second = begin_add(kMine, 1, 5);
    remove(kMine, 1);
    EXPECT_EQ(status(second), kStatusNotFound);
    c.adapter.settle(c.dispatcher, c.now_ns);
    EXPECT_EQ(c.adapter.plug_calls, 1);
    EXPECT_TRUE(c.adapter.live.empty());
    EXPECT_EQ(c.dispatcher.monitors().leaving(), 0U);
}

TEST_F(DispatchLater, ADepartingMonitorsIdAndConnectorAreNobodysBeforeItIsGone) {
    c.add(kMine, 1, 5);
    remove(kMine, 1);
    const RequestId other = begin_add(kOther, 1);
    const RequestId same = begin_add(kOther, 2, 5);
    EXPECT_EQ(c.adapter.live.size(), 1U) << "one has another id, one waits";
    EXPECT_EQ(c.adapter.live.at(2).connector, 1U);
    c.adapter.settle(c.dispatcher, c.now_ns);
    EXPECT_EQ(reply(other).resolved_monitor_id, 1U);
    EXPECT_EQ(reply(same).resolved_monitor_id, 5U);
    EXPECT_EQ(c.adapter.live.at(3).connector, 0U);
    EXPECT_EQ(c.adapter.stray_calls, 0);
}

TEST_F(DispatchLater, TwoThatPreferTheSameIdGetDifferentOnes) {
    const RequestId first = begin_add(kMine, 1, 7);
    const RequestId second = begin_add(kOther, 1, 7);
    c.adapter.settle(c.dispatcher, c.now_ns);
    EXPECT_EQ(reply(first).resolved_monitor_id, 7U);
    EXPECT_EQ(reply(second).resolved_monitor_id, 1U);
}

TEST_F(DispatchLater, AModeWaitsForTheOneBeforeItAndTheNewestCounts) {
    c.add(kMine, 1);
    const RequestId first = begin_mode(kMine, 1, 700);
    const RequestId second = begin_mode(kMine, 1, 800);
    const RequestId third = begin_mode(kMine, 1, 900);
    EXPECT_EQ(status(second), kStatusNotFound);
    EXPECT_STREQ(c.adapter.answers.at(second).reason, "a newer mode took its place");
    EXPECT_EQ(c.adapter.ends.size(), 1U) << "one at a time";
    system_is_done(What::set_modes);
    EXPECT_EQ(status(first), kStatusSuccess);
    EXPECT_FALSE(answered(third));
    system_is_done(What::set_modes);
    EXPECT_EQ(status(third), kStatusSuccess);
    EXPECT_EQ(c.adapter.live.at(1).modes[0], (Mode{900, 600, 60}));
    EXPECT_EQ(c.adapter.live.at(1).modes[1], (Mode{700, 600, 60}));
}

TEST_F(DispatchLater, AModeForAMonitorOnItsWayWaitsForThat) {
    begin_add(kMine, 1);
    const RequestId mode = begin_mode(kMine, 1, 800);
    EXPECT_EQ(c.adapter.ends.size(), 1U);
    system_is_done(What::plug);
    EXPECT_FALSE(answered(mode));
    system_is_done(What::set_modes);
    EXPECT_EQ(status(mode), kStatusSuccess);
}

TEST_F(DispatchLater, AModeOfAMonitorThatDepartsIsRefused) {
    c.add(kMine, 1);
    const RequestId first = begin_mode(kMine, 1, 700);
    const RequestId second = begin_mode(kMine, 1, 800);
    remove(kMine, 1);
    EXPECT_EQ(status(first), kStatusNotFound);
    EXPECT_EQ(status(second), kStatusNotFound);
    c.adapter.settle(c.dispatcher, c.now_ns);
    EXPECT_EQ(c.adapter.stray_calls, 0);
}

TEST_F(DispatchLater, WhoWaitsForAnAnswerLivesAndIsHeardWhenItComes) {
    begin_add(kMine, 1);
    c.now_ns += 60 * kSecond;
    c.dispatcher.tick(c.now_ns);
    EXPECT_EQ(c.dispatcher.monitors().size(), 1U);
    system_is_done(What::plug);
    c.now_ns += 9 * kSecond;
    c.dispatcher.tick(c.now_ns);
    EXPECT_EQ(c.dispatcher.monitors().size(), 1U);
    c.now_ns += kSecond;
    c.dispatcher.tick(c.now_ns);
    EXPECT_EQ(c.dispatcher.monitors().size(), 0U);
}

TEST_F(DispatchLater, ACallMayEndEveryRequestThatThereCanBe) {
    for (std::uint64_t session = 1; session <= 15; ++session) {
        begin_add(kMine, session);
        begin_mode(kMine, session, 800);
    }
    c.dispatcher.owner_gone(kMine);
    c.adapter.collect(c.dispatcher);
    EXPECT_EQ(c.adapter.answers.size(), 30U);
    const RequestId late = begin_add(kOther, 1);
    EXPECT_FALSE(answered(late));
    EXPECT_EQ(c.adapter.plug_calls, 15) << "all ids are still being left";
    c.adapter.settle(c.dispatcher, c.now_ns);
    EXPECT_EQ(status(late), kStatusSuccess);
}

}  // namespace
}  // namespace pf::core
