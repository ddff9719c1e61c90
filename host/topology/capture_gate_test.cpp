#include "topology/capture_gate.hpp"

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

#include "topology/test/screens.hpp"

namespace pf::host {
namespace {

using namespace test;
using Verdict = CaptureGate::Verdict;

const DisplayPaths kLit{lit(kPanel, 0), lit(kOurs, 1920)};
const DisplayPaths kDark{lit(kPanel, 0), connected(kOurs)};
constexpr FrameOrigin kFrame{kOurs, 1920, 1080};

TEST(CaptureGate, OpensForAFrameOfItsOwnTargetAtTheModeThatIsLit) {
    CaptureGate gate(kOurs);
    EXPECT_EQ(gate.look(&kLit, std::nullopt, 0), Verdict::wait);
    EXPECT_EQ(gate.look(&kLit, FrameOrigin{kOurs, 1280, 720}, 0), Verdict::wait);
    EXPECT_EQ(gate.look(&kLit, kFrame, 0), Verdict::open);
}

TEST(CaptureGate, AMonitorThatWasNeverLitKeepsItShut) {
    CaptureGate gate(kOurs);
    EXPECT_EQ(gate.look(&kDark, kFrame, 0), Verdict::wait);
    EXPECT_EQ(gate.look(&kDark, kFrame, 3 * os::kSecond), Verdict::not_active);
    EXPECT_EQ(gate.look(&kLit, kFrame, 4 * os::kSecond), Verdict::not_active);
}

TEST(CaptureGate, AnotherMonitorsFrameNeverOpensIt) {
    CaptureGate gate(kOurs);
    EXPECT_EQ(gate.look(&kLit, FrameOrigin{kPanel, 1920, 1080}, 0), Verdict::wait);
    EXPECT_EQ(gate.look(&kLit, FrameOrigin{{kVirtual, 257}, 1920, 1080}, 0), Verdict::wait);
}

TEST(CaptureGate, AFailedQueryOpensNothing) {
    CaptureGate gate(kOurs);
    EXPECT_EQ(gate.look(nullptr, kFrame, 0), Verdict::wait);
}

TEST(CaptureGate, ClosesWhenItsTargetGoesDark) {
    CaptureGate gate(kOurs);
    EXPECT_EQ(gate.look(&kLit, kFrame, 0), Verdict::open);
    EXPECT_EQ(gate.look(&kDark, kFrame, 1), Verdict::wait);
    EXPECT_EQ(gate.look(&kLit, kFrame, 2), Verdict::open);
}

TEST(CaptureGate, WithoutAPictureItWakesTheScreensOnceAndThenSaysSo) {
    CaptureGate gate(kOurs);
    EXPECT_EQ(gate.look(&kLit, std::nullopt, 0), Verdict::wait);
    EXPECT_EQ(gate.look(&kLit, std::nullopt, os::kSecond), Verdict::wake);
    EXPECT_EQ(gate.look(&kLit, std::nullopt, 2 * os::kSecond), Verdict::wait);
    EXPECT_EQ(gate.look(&kLit, std::nullopt, 4 * os::kSecond), Verdict::no_picture);
}

}  // namespace
}  // namespace pf::host
