// A server that lives and says nothing: who wants something of it waits, nobody else does, and it
// is said.
#include <gtest/gtest.h>
#include <signal.h>

#include <pf/os/clock.hpp>

#include "x11/test/x11_fixture.hpp"
#include "x11_source.hpp"

namespace pf::driver {
namespace {

constexpr core::Mode kMode{640, 480, 60};
constexpr core::MonitorNumber kFirst = 1, kSecond = 2, kThird = 3;

class X11Silence : public testing::Test {
protected:
    void open(std::int64_t operation_ns) {
        X11Options options{"", place_.path(), "test", ""};
        options.operation_ns = operation_ns;
        options.news.silent = [this](const std::string& line) {
            const std::lock_guard locked(mutex_);
            told_.push_back(line);
        };
        auto source = make_x11_source(options);
        ASSERT_TRUE(source) << source.error().message();
        source_ = std::make_unique<test::WaitingSource>(std::move(*source));
        painter_ = std::make_unique<Painter>(place_.endpoint());
        ASSERT_TRUE(source_->plug(make_spec(kFirst, 1, kMode), output_));
        server_ = place_.server();
    }
    void TearDown() override {
        signal(SIGCONT);
        source_.reset();
    }
    void signal(int number) { ASSERT_EQ(::kill(static_cast<pid_t>(server_.pid()), number), 0); }
    std::vector<std::string> told() {
        const std::lock_guard locked(mutex_);
        return told_;
    }
    std::size_t lit() { return painter_->randr().lit_areas(0).size(); }
    void begin_plug(core::MonitorNumber number) {
        source_->begin_plug(make_spec(number, number, kMode), make_output(false));
    }

    ServerPlace place_;
    os::Process server_;
    std::shared_ptr<MonitorOutput> output_ = make_output(false);
    std::mutex mutex_;
    std::vector<std::string> told_;
    std::unique_ptr<test::WaitingSource> source_;
    std::unique_ptr<Painter> painter_;
};

TEST_F(X11Silence, WhatWaitsForTheServerIsDoneWhenItAnswersAgain) {
    open(100 * os::kSecond);
    signal(SIGSTOP);
    begin_plug(kSecond);
    source_->begin_set_mode(kFirst, {800, 600, 60});
    EXPECT_TRUE(eventually([&] { return told().size() == 1; }));
    EXPECT_NE(told()[0].find("is silent"), std::string::npos) << told()[0];
    signal(SIGCONT);
    EXPECT_TRUE(source_->await(SourceTask::plug, kSecond));
    EXPECT_TRUE(source_->await(SourceTask::set_mode, kFirst));
    EXPECT_TRUE(eventually([&] { return told().size() == 2; }));
    EXPECT_EQ(told()[1], "") << "it answers";
    EXPECT_EQ(lit(), 2U);
    EXPECT_EQ(place_.record()->process, server_.identity());
}

TEST_F(X11Silence, ADeadlinePassesWithTheReasonAndLeavesNoTrace) {
    open(os::kSecond);
    signal(SIGSTOP);
    begin_plug(kSecond);  // is being asked for
    begin_plug(kThird);   // waits behind it
    for (const core::MonitorNumber number : {kSecond, kThird}) {
        const auto refused = source_->await(SourceTask::plug, number);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().reaction, os::Reaction::retry);
        EXPECT_NE(refused.error().message().find("has not answered for 1 s"), std::string::npos)
            << refused.error().message();
    }
    signal(SIGCONT);
    EXPECT_TRUE(eventually([&] { return lit() == 1; })) << "what it did late is taken off";
    ASSERT_TRUE(source_->plug(make_spec(4, 2, kMode), output_)) << "the same monitor id";
    EXPECT_EQ(lit(), 2U);
    EXPECT_TRUE(server_.alive());
}

TEST_F(X11Silence, AMonitorThatIsUnpluggedBeforeItsTurnIsNeverMade) {
    open(100 * os::kSecond);
    signal(SIGSTOP);
    begin_plug(kSecond);
    begin_plug(kThird);
    source_->begin_unplug(kThird);
    signal(SIGCONT);
    EXPECT_TRUE(source_->await(SourceTask::plug, kSecond));
    EXPECT_TRUE(source_->await(SourceTask::unplug, kThird));
    EXPECT_EQ(lit(), 2U);
}

TEST_F(X11Silence, AnEndWaitsForNobody) {
    open(100 * os::kSecond);
    signal(SIGSTOP);
    begin_plug(kSecond);
    const std::int64_t began_ns = os::now_ns();
    source_.reset();
    EXPECT_LT(os::now_ns() - began_ns, 20 * os::kSecond)
        << "a stopped server is asked, then killed";
    EXPECT_FALSE(server_.alive());
    open(os::kSecond);
}

}  // namespace
}  // namespace pf::driver
