// Whatever the system says and whenever this program dies: no screen that was lit before stays
// dark, and no other monitor is taken for ours.
#include <iostream>

#include <gtest/gtest.h>

#include "topology/test/simulated_run.hpp"

namespace pf::host::test {
namespace {

constexpr std::uint64_t kRuns = 100'000;

TEST(TopologyProperty, NoRunLeavesAScreenDarkThatWasLit) {
    RunFacts facts;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
        const std::string breach = breach_in_run(seed, facts);
        ASSERT_EQ(breach, "") << "seed " << seed;
    }
    std::cout << kRuns << " runs: activated " << facts.activated << ", isolated in the dark "
              << facts.isolated << ", restored " << facts.restored << ", exact modes "
              << facts.exact_modes << ", gates opened " << facts.gates_opened << ", crashes "
              << facts.crashes << ", in the dark " << facts.crashes_in_the_dark
              << ", dark before the last start " << facts.dark_before_last_start << '\n';
    EXPECT_GT(facts.activated, kRuns);
    EXPECT_GT(facts.isolated, kRuns / 3);
    EXPECT_GT(facts.restored, kRuns / 8);
    EXPECT_GT(facts.exact_modes, kRuns / 10);
    EXPECT_GT(facts.gates_opened, kRuns);
    EXPECT_GT(facts.crashes_in_the_dark, kRuns / 20);
    EXPECT_GT(facts.dark_before_last_start, kRuns / 100);
}

}  // namespace
}  // namespace pf::host::test
