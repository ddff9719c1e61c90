#include <pf/core/copy_rects.hpp>

#include <vector>

#include <gtest/gtest.h>

namespace pf::core {
namespace {

class CopyRects : public testing::Test {
protected:
    static constexpr std::uint32_t kWidth = 10, kHeight = 8, kPixel = 4;
    static constexpr std::uint32_t kInPitch = 44, kOutPitch = 52;

    CopyRects() : in(kInPitch * kHeight), out(kOutPitch * kHeight, std::byte{0xEE}) {
        for (std::size_t i = 0; i < in.size(); ++i) {
            in[i] = static_cast<std::byte>(i % 200);
        }
    }
    std::uint64_t copy(const DamageRegion& region, std::uint32_t first = 0,
                       std::uint32_t end = kHeight) {
        return copy_rects({out.data(), kOutPitch}, source(), region, first, end);
    }
    CopySource source() const { return {in.data(), kInPitch, kWidth, kHeight, kPixel}; }
    // Whether each pixel was copied exactly when it is in [x0, x1) x [y0, y1), and nothing else.
    void expect_only(std::uint32_t x0, std::uint32_t y0, std::uint32_t x1, std::uint32_t y1) {
        for (std::uint32_t y = 0; y < kHeight; ++y) {
            for (std::uint32_t b = 0; b < kOutPitch; ++b) {
                const bool inside = y >= y0 && y < y1 && b >= x0 * kPixel && b < x1 * kPixel;
                ASSERT_EQ(out[y * kOutPitch + b], inside ? in[y * kInPitch + b] : std::byte{0xEE})
                    << "row " << y << " byte " << b;
            }
        }
    }

    std::vector<std::byte> in, out;
};

TEST_F(CopyRects, CopiesAllRowsWithoutThePadding) {
    EXPECT_EQ(copy(DamageRegion::full()), kWidth * kHeight * kPixel);
    expect_only(0, 0, kWidth, kHeight);
}

TEST_F(CopyRects, CopiesOneRectangle) {
    EXPECT_EQ(copy(DamageRegion::of({2, 3, 4, 2})), 4U * 2 * kPixel);
    expect_only(2, 3, 6, 5);
}

TEST_F(CopyRects, CopiesOnlyItsBand) {
    EXPECT_EQ(copy(DamageRegion::full(), 2, 4), kWidth * 2 * kPixel);
    expect_only(0, 2, kWidth, 4);
}

TEST_F(CopyRects, BandsAddUp) {
    const DamageRegion region = DamageRegion::of({1, 1, 5, 6});
    std::uint64_t bytes = 0;
    for (std::uint32_t row = 0; row < kHeight; row += 3) {
        bytes += copy(region, row, row + 3);
    }
    EXPECT_EQ(bytes, 5U * 6 * kPixel);
    expect_only(1, 1, 6, 7);
}

TEST_F(CopyRects, StaysInsideTheFrame) {
    EXPECT_EQ(copy(DamageRegion::of({8, 6, 100, 100})), 2U * 2 * kPixel);
    expect_only(8, 6, 10, 8);
    EXPECT_EQ(copy(DamageRegion::of({100, 100, 5, 5})), 0U);
}

TEST_F(CopyRects, CopiesTightRowsInOneRun) {
    std::vector<std::byte> tight(kWidth * kPixel * kHeight);
    EXPECT_EQ(copy_rects({tight.data(), kWidth * kPixel},
                         {in.data(), kWidth * kPixel, kWidth, kHeight, kPixel},
                         DamageRegion::full(), 0, kHeight),
              tight.size());
    EXPECT_TRUE(std::equal(tight.begin(), tight.end(), in.begin()));
}

}  // namespace
}  // namespace pf::core
