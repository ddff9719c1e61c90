// As many monitors as there can be, and as many comings and goings as a long life has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <vector>

#include <pf/host/host.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/pattern/stamp.hpp>

#include "test/driver_process.hpp"
#include "test/process_facts.hpp"

namespace pf::host {
namespace {

constexpr std::uint32_t kMonitors = 15;
constexpr int kWholeFrames = 30;

Mode own_mode(std::uint32_t client) {
    return {320 + 16 * client, 180 + 9 * client, 30 + client};
}

// The next frame, proven whole and this session's own. The pattern source paints for that.
void expect_own_frame(Session& session, const Mode& mode) {
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    const auto next = session.next(deadline_ns);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::frame);
    const FrameView& view = next->frame.view();
    ASSERT_EQ(view.width, mode.width);
    ASSERT_EQ(view.height, mode.height);
    ASSERT_EQ(view.target_id, session.stats().target_id);
    const std::size_t bytes = std::size_t{view.pitch_bytes()} * view.height;
    ASSERT_TRUE(pattern::verify({view.pixels(), bytes}, view.pitch_bytes(), view.width, view.height,
                                4, view.target_id, view.source_sequence)
                    .whole);
}

SessionOptions options_for(std::uint32_t client, const Mode& mode) {
    SessionOptions options;
    options.client_id = client;
    options.mode = mode;
    return options;
}

TEST(Limits, FifteenMonitorsEachShowTheirOwnAndTheSixteenthIsRefused) {
    test::PrivateRuntime runtime;
    test::DriverProcess driver;
    const auto displays = Displays::open({});
    ASSERT_TRUE(displays) << displays.error().message();
    std::vector<std::unique_ptr<Session>> sessions;
    std::set<std::uint32_t> targets;
    for (std::uint32_t client = 1; client <= kMonitors; ++client) {
        auto opened = (*displays)->open_session(options_for(client, own_mode(client)));
        ASSERT_TRUE(opened) << opened.error().message();
        targets.insert((*opened)->stats().target_id);
        sessions.push_back(std::move(*opened));
    }
    EXPECT_EQ(targets.size(), kMonitors);
    const auto refused = Session::open(options_for(0, {640, 480, 60}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(kind(refused.error()), ErrorKind::refused) << refused.error().message();
    EXPECT_THAT(refused.error().message(), testing::HasSubstr("15"));
    for (int round = 0; round < kWholeFrames; ++round) {
        for (std::uint32_t client = 1; client <= kMonitors; ++client) {
            ASSERT_NO_FATAL_FAILURE(expect_own_frame(*sessions[client - 1], own_mode(client)));
        }
    }
}

// -- comings and goings -------------------------------------------------------------------------

int cycles() {
    const char* given = std::getenv("PF_CYCLES");
    return given == nullptr ? 2000 : std::atoi(given);
}

// What the X server of the instance shows, as a program on it would be told.
std::string randr() {
    std::ifstream record(os::runtime_directory() + "/main/xserver");
    std::string environment;
    for (std::string line; std::getline(record, line);) {
        if (line.rfind("display=", 0) == 0) {
            environment += "DISPLAY=" + line.substr(8) + " ";
        } else if (line.rfind("xauthority=", 0) == 0) {
            environment += "XAUTHORITY=" + line.substr(11) + " ";
        }
    }
    std::string text;
    if (FILE* xrandr = ::popen((environment + "xrandr --query").c_str(), "r")) {
        std::array<char, 4096> buffer;
        while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), xrandr)) {
            text.append(buffer.data(), count);
        }
        ::pclose(xrandr);
    }
    return text;
}

// ASan keeps what is freed for a while; there LeakSanitizer says what is lost.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kMostGrowthKib = std::size_t{1} << 30;
#else
constexpr std::size_t kMostGrowthKib = 1024;
#endif

class Cycles : public testing::TestWithParam<const char*> {
protected:
    bool x11() const { return std::string(GetParam()) == "x11"; }
    ~Cycles() override { driver_.stop(); }  // and its X server

    // Three modes and four clients in turn, two monitors at a time, every tenth on a connection of
    // its own.
    void cycle(Displays& displays, int i) {
        const Mode mode{320u + 160u * (i % 3), 240, 60};
        const auto client = static_cast<std::uint32_t>(1 + i % 4);
        auto first = displays.open_session(options_for(client, mode));
        ASSERT_TRUE(first) << first.error().message();
        auto second = i % 10 == 0 ? Session::open(options_for(client + 4, mode))
                                  : displays.open_session(options_for(client + 4, mode));
        ASSERT_TRUE(second) << second.error().message();
        const auto next = (*second)->next(os::deadline_after(30 * os::kSecond));
        ASSERT_TRUE(next) << next.error().message();
        ASSERT_EQ(next->kind, NextKind::frame);
    }

    // The driver's threads let rings go a moment after it says that the monitors are gone.
    test::ProcessFacts facts_without_monitors() {
        const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
        test::ProcessFacts last;
        for (int same = 0; same < 20 && os::now_ns() < deadline_ns;) {
            os::sleep_until(os::deadline_after(10 * os::kMillisecond));
            const test::ProcessFacts now = test::facts_of(driver_.pid());
            const bool quiet = test::find_instance("main").monitors.empty() &&
                               now.shared_mappings == 0 && now.descriptors == last.descriptors;
            same = quiet ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    test::PrivateRuntime runtime_;
    test::DriverProcess driver_{"main", {}, GetParam()};
};

TEST_P(Cycles, LeaveTheDriverAsItWas) {
    DisplaysOptions options;
    options.linger_ns = 0;
    const auto displays = Displays::open(options);
    ASSERT_TRUE(displays) << displays.error().message();
    for (int i = 0; i < 200; ++i) {  // the allocator's pools, the server's modes
        ASSERT_NO_FATAL_FAILURE(cycle(**displays, i));
    }
    const test::ProcessFacts before = facts_without_monitors();
    const test::ProcessFacts ours_before = test::facts_of(os::current_pid());
    const std::string randr_before = x11() ? randr() : "";
    for (int i = 0; i < cycles(); ++i) {
        ASSERT_NO_FATAL_FAILURE(cycle(**displays, i));
    }
    const test::ProcessFacts after = facts_without_monitors();
    const test::ProcessFacts ours_after = test::facts_of(os::current_pid());
    std::printf(
        "driver, private resident KiB: %zu before, %zu after %d cycles of two; host: %zu, %zu\n",
        before.private_kib, after.private_kib, cycles(), ours_before.private_kib,
        ours_after.private_kib);
    EXPECT_EQ(after.descriptors, before.descriptors);
    EXPECT_EQ(after.threads, before.threads);
    EXPECT_EQ(after.shared_mappings, before.shared_mappings);
    EXPECT_LT(after.private_kib, before.private_kib + kMostGrowthKib);
    EXPECT_EQ(ours_after.descriptors, ours_before.descriptors);
    EXPECT_EQ(ours_after.shared_mappings, ours_before.shared_mappings);
    EXPECT_LT(ours_after.private_kib, ours_before.private_kib + kMostGrowthKib);
    if (x11()) {
        EXPECT_THAT(randr_before, testing::HasSubstr("disconnected"));
        EXPECT_EQ(randr(), randr_before);
    }
}

INSTANTIATE_TEST_SUITE_P(Sources, Cycles, testing::Values("pattern", "x11"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace pf::host
