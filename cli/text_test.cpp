// What pfvd prints, from values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "instance_table.hpp"
#include "json_text.hpp"

namespace pf::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

DemoOutcome good_demo() {
    DemoOutcome outcome;
    outcome.mode = {1920, 1080, 60};
    outcome.summary.session.rebuilds = 1;
    outcome.summary.session.mode = outcome.mode;
    outcome.summary.frames = 300;
    outcome.summary.rebuild_log = {{"driver died", 0, 50, 60}};
    outcome.frames_after_kill = 150;
    outcome.picture_gap_ms = 80;
    outcome.video = {1920, 1080, 60, 6.0, 0.1, 301, "h264"};
    outcome.recorded_s = 6.05;
    outcome.picture_colours = 64;
    outcome.programs = {"xterm"};
    return outcome;
}

TEST(JsonText, ACaptureHasEveryPromisedField) {
    CaptureSummary summary;
    summary.session.mode = {1280, 720, 60};
    summary.rebuild_log = {{"driver died", 7, 1.23456, -1}};
    const auto json = nlohmann::json::parse(to_json(summary));
    for (const char* field :
         {"frames", "fps", "timeouts", "rebuilds", "recovery_ms", "dropped", "skipped", "torn",
          "stale", "foreign", "latency_us", "first_frame_ms", "protocol", "driver_pid", "mode"}) {
        EXPECT_TRUE(json.contains(field)) << field;
    }
    EXPECT_EQ(json["mode"], "1280x720@60");
    EXPECT_EQ(json["recovery_ms"][0], 1.235);
    for (const char* field : {"p50", "p99", "max"}) {
        EXPECT_TRUE(json["latency_us"].contains(field)) << field;
    }
}

TEST(JsonText, NamesThatAreNoUtf8DoNotBreakIt) {
    CaptureSummary summary;
    summary.output = "\xff\xfe.mkv";
    EXPECT_NO_THROW({ auto json = nlohmann::json::parse(to_json(summary)); });
}

TEST(DemoChecks, AGoodOneBreaksNothing) {
    EXPECT_THAT(broken_promises(good_demo()), IsEmpty());
}

TEST(DemoChecks, EachFlawIsNamed) {
    auto outcome = good_demo();
    outcome.video.width = 1919;
    EXPECT_THAT(broken_promises(outcome), ElementsAre(HasSubstr("1919x1080")));
    outcome = good_demo();
    outcome.video.duration_s = 3;
    EXPECT_THAT(broken_promises(outcome), ElementsAre(HasSubstr("3.00 s")));
    outcome = good_demo();
    outcome.picture_gap_ms = 1500;
    EXPECT_THAT(broken_promises(outcome), ElementsAre(HasSubstr("1500 ms")));
    outcome = good_demo();
    outcome.summary.session.rebuilds = 0;
    outcome.frames_after_kill = 0;
    EXPECT_THAT(broken_promises(outcome), SizeIs(2));
    outcome = good_demo();
    outcome.picture_colours = 1;
    EXPECT_THAT(broken_promises(outcome), ElementsAre(HasSubstr("blank")));
}

TEST(DemoChecks, ColoursAreCountedWithoutAlphaAndUpToALimit) {
    const std::uint32_t pixels[] = {0xFF000000, 0x00000000, 0x00FF0000, 0x12FF0000, 3, 4};
    host::FrameView view;
    view.content = host::FrameMemory{.bytes = std::as_bytes(std::span(pixels)), .pitch_bytes = 12};
    view.width = 3;
    view.height = 2;
    EXPECT_EQ(count_colours(view, 64), 4U);
    EXPECT_EQ(count_colours(view, 2), 2U);
}

TEST(InstanceTable, AnEmptyListSaysWhatToDo) {
    EXPECT_THAT(to_text(std::vector<host::InstanceReport>{}, "/run/x"), HasSubstr("pfvd driver"));
}

TEST(InstanceTable, ShowsMonitorsOrTheReason) {
    host::InstanceReport live;
    live.instance.name = "main";
    live.instance.state = os::InstanceState::active;
    live.instance.pid = 42;
    live.instance.monitors = {"1: 640x480@60 (target 257)"};
    live.instance.display = ":40";
    live.instance.xauthority = "/run/x/main/xauthority";
    live.usable = true;
    live.protocol = 6;
    host::InstanceReport stale;
    stale.instance.name = "old";
    stale.instance.state = os::InstanceState::stale;
    stale.instance.reason = "driver process 7 is gone";
    live.instance.reason = "the X server :40 is silent";
    const std::vector<host::InstanceReport> both{live, stale};
    const std::string text = to_text(both, "/run/x");
    EXPECT_THAT(text, HasSubstr("(target 257); the X server :40 is silent"));
    EXPECT_THAT(text, HasSubstr("640x480@60"));
    EXPECT_THAT(text, HasSubstr("driver process 7 is gone"));
    const auto json = nlohmann::json::parse(to_json(both));
    EXPECT_EQ(json["instances"][0]["reason"], "the X server :40 is silent");
    EXPECT_EQ(json["instances"][0]["monitors"][0], "1: 640x480@60 (target 257)");
    EXPECT_THAT(text, HasSubstr("DISPLAY=:40 XAUTHORITY=/run/x/main/xauthority xterm\n"));
    EXPECT_EQ(json["instances"][0]["display"], ":40");
    EXPECT_EQ(json["instances"][0]["xauthority"], "/run/x/main/xauthority");
    EXPECT_EQ(json["instances"][1]["display"], "");
    EXPECT_EQ(json["instances"][1]["state"], "stale");
    EXPECT_EQ(json["instances"][1]["reason"], "driver process 7 is gone");
}

TEST(BenchText, RatiosAreAgainstTheFloor) {
    BenchCase entry;
    entry.mode = {1920, 1080, 60};
    entry.floor = {50, 100, 60, 0.01};
    entry.ring = {25, 200, 60, 0.02};
    const auto json = nlohmann::json::parse(to_json(std::vector{entry}));
    EXPECT_EQ(json["cases"][0]["ratio"]["p50"], 0.5);
    EXPECT_EQ(json["cases"][0]["ratio"]["p99"], 2.0);
    EXPECT_THAT(to_text(std::vector{entry}), HasSubstr("1920x1080@60"));
    EXPECT_EQ(ratio(1, 0), 0);
}

}  // namespace
}  // namespace pf::cli
