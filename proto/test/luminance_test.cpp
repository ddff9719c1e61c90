// The codes against the standard's formulas, computed apart from the headers in long double.
#include <pf/proto/luminance.hpp>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

long double exact_max_nits(int code) {
    return 50.0L * std::pow(2.0L, code / 32.0L);
}

// The contract's rule word for word, by floating roots where the header counts.
int min_code_by_the_rule(std::uint64_t millinits, std::uint64_t max_millinits) {
    const std::uint64_t t = 255 * 255 * 100 * millinits / max_millinits;
    const auto r = static_cast<std::uint64_t>(std::floor(std::sqrt(static_cast<long double>(t))));
    return static_cast<int>(std::min<std::uint64_t>(255, t > r * r + r ? r + 1 : r));
}

int nearest_min_code(std::uint64_t millinits, std::uint64_t max_millinits) {
    const auto ratio =
        static_cast<long double>(millinits) / static_cast<long double>(max_millinits);
    return static_cast<int>(std::min(255.0L, std::round(255.0L * std::sqrt(100.0L * ratio))));
}

TEST(Luminance, StepsAreTheRoundedRootsOfTwo) {
    for (int k = 0; k < 32; ++k) {
        EXPECT_EQ(kLuminanceSteps[k], std::llround(std::pow(2.0L, k / 32.0L) * 65536.0L)) << k;
    }
}

TEST(Luminance, EveryCodeDecodesAsTheContractSays) {
    std::uint64_t last = 0;
    for (int code = 0; code <= 255; ++code) {
        const std::uint64_t millinits = cta_max_millinits(static_cast<std::uint32_t>(code));
        const long double step = std::round(std::pow(2.0L, (code % 32) / 32.0L) * 65536.0L);
        const long double contract = std::floor(std::ldexp(50000.0L, code / 32) * step / 65536.0L);
        EXPECT_EQ(static_cast<long double>(millinits), contract) << code;
        const auto exact = static_cast<double>(exact_max_nits(code) * 1000);
        EXPECT_NEAR(static_cast<double>(millinits), exact, exact / 65536 + 1) << code;
        EXPECT_GT(millinits, last) << code;
        last = millinits;
    }
    EXPECT_EQ(cta_max_millinits(256), cta_max_millinits(255));
    EXPECT_EQ(cta_max_millinits(0xFFFFFFFF), cta_max_millinits(255));
}

TEST(Luminance, TheDefaultsOfTheEdidAreAbout1000And400And50Thousandths) {
    EXPECT_EQ(cta_max_luminance_code(1000), 0x8A);
    EXPECT_EQ(cta_max_luminance_code(400), 0x60);
    EXPECT_EQ(cta_min_luminance_code(50, 0x8A), 0x12);
    EXPECT_NEAR(static_cast<double>(cta_max_millinits(0x8A)), 993e3, 1e3);
    EXPECT_EQ(cta_max_millinits(0x60), 400000u);
}

TEST(Luminance, MaxCodeIsTheLargestThatPromisesNoMore) {
    for (std::uint32_t nits = 0; nits < 15000; ++nits) {
        const std::uint32_t code = cta_max_luminance_code(nits);
        ASSERT_GE(code, 1u);
        ASSERT_TRUE(code == 1 || cta_max_millinits(code) <= std::uint64_t{nits} * 1000) << nits;
        ASSERT_TRUE(code == 255 || cta_max_millinits(code + 1) > std::uint64_t{nits} * 1000)
            << nits;
    }
    EXPECT_EQ(cta_max_luminance_code(0), 1);
    EXPECT_EQ(cta_max_luminance_code(50), 1);
    EXPECT_EQ(cta_max_luminance_code(100), 32);
    EXPECT_EQ(cta_max_luminance_code(10000), 244);
    EXPECT_EQ(cta_max_luminance_code(0xFFFFFFFF), 255);
}

TEST(Luminance, MinCodeIsTheRootAsThePublicProtocolRoundsIt) {
    int below_nearest = 0;
    for (std::uint32_t max_code = 0; max_code <= 255; ++max_code) {
        const std::uint64_t max_millinits = cta_max_millinits(max_code);
        for (std::uint32_t millinits = 0; millinits < 20000; millinits += millinits / 50 + 1) {
            const int code = cta_min_luminance_code(millinits, max_code);
            ASSERT_EQ(code, min_code_by_the_rule(millinits, max_millinits))
                << millinits << " of " << max_code;
            const int nearest = nearest_min_code(millinits, max_millinits);
            ASSERT_TRUE(code == nearest || code == nearest - 1) << millinits << " of " << max_code;
            below_nearest += code < nearest;
        }
    }
    EXPECT_GT(below_nearest, 0);
}

TEST(Luminance, MinCodeOfThePublishedVectors) {
    EXPECT_EQ(cta_min_luminance_code(5, 0), 25);
    EXPECT_EQ(cta_min_luminance_code(1, 138), 2);
    EXPECT_EQ(cta_min_luminance_code(250, 254), 11);
    EXPECT_EQ(cta_min_luminance_code(0, 138), 0);
    EXPECT_EQ(cta_min_luminance_code(0xFFFFFFFF, 1), 255);
}

}  // namespace
}  // namespace pf::proto
