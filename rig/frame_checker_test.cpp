#include <pf/rig/frame_checker.hpp>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <pf/pattern/stamp.hpp>

namespace pf::rig {
namespace {

constexpr std::uint32_t kWidth = 64, kHeight = 8, kTarget = 257;

struct Pixels {
    std::vector<std::byte> bytes = std::vector<std::byte>(kWidth * 4 * kHeight);
    host::FrameView view;

    explicit Pixels(std::uint64_t sequence, std::uint32_t painted_target = kTarget) {
        pattern::paint_stamps(bytes, kWidth * 4, kWidth, kHeight, 4, painted_target, sequence);
        view.content = host::FrameMemory{.bytes = bytes, .pitch_bytes = kWidth * 4};
        view.width = kWidth;
        view.height = kHeight;
        view.target_id = kTarget;
        view.generation = 1;
        view.source_sequence = sequence;
    }
};

TEST(FrameChecker, WholeFramesInOrder) {
    FrameChecker checker;
    EXPECT_EQ(checker.check(Pixels(1).view), Verdict::whole);
    EXPECT_EQ(checker.check(Pixels(5).view), Verdict::whole);
}

TEST(FrameChecker, ATornFrame) {
    Pixels torn(7);
    const Pixels other(8);
    std::copy_n(other.bytes.begin(), other.bytes.size() / 2, torn.bytes.begin());
    EXPECT_EQ(FrameChecker().check(torn.view), Verdict::torn);
}

TEST(FrameChecker, AFrameOfAnotherMonitor) {
    EXPECT_EQ(FrameChecker().check(Pixels(7, kTarget + 1).view), Verdict::foreign);
}

TEST(FrameChecker, APictureThatIsNotItsRecordsIsStale) {
    Pixels pixels(7);
    pixels.view.source_sequence = 8;
    EXPECT_EQ(FrameChecker().check(pixels.view), Verdict::stale);
}

TEST(FrameChecker, AnOlderOrTheSameFrameAgainIsStaleUntilARebuild) {
    FrameChecker checker;
    EXPECT_EQ(checker.check(Pixels(7).view), Verdict::whole);
    EXPECT_EQ(checker.check(Pixels(7).view), Verdict::stale);
    EXPECT_EQ(checker.check(Pixels(6).view), Verdict::stale);
    checker.start_over();
    EXPECT_EQ(checker.check(Pixels(1).view), Verdict::whole);
}

}  // namespace
}  // namespace pf::rig
