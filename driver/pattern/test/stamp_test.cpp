#include <pf/pattern/stamp.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace pf::pattern {
namespace {

struct Picture {
    std::uint32_t width;
    std::uint32_t height;
    std::uint32_t pixel_bytes;
    std::size_t pitch;
    std::vector<std::byte> bytes;

    Picture(std::uint32_t w, std::uint32_t h, std::uint32_t bpp, std::size_t padding = 0)
        : width(w),
          height(h),
          pixel_bytes(bpp),
          pitch(std::size_t{w} * bpp + padding),
          bytes(pitch * h) {}
    void stamp(std::uint32_t target, std::uint64_t sequence) {
        paint_stamps(bytes, pitch, width, height, pixel_bytes, target, sequence);
    }
    VerifyResult check(std::uint32_t target, std::uint64_t sequence) const {
        return verify(bytes, pitch, width, height, pixel_bytes, target, sequence);
    }
};

class EveryWidth : public testing::TestWithParam<std::uint32_t> {};

TEST_P(EveryWidth, WhatWasPaintedIsWhole) {
    for (const std::uint32_t bpp : {4u, 8u}) {
        Picture picture(GetParam(), 7, bpp, 16);
        picture.stamp(3, 41);
        const VerifyResult result = picture.check(3, 41);
        EXPECT_TRUE(result.whole);
        EXPECT_FALSE(result.torn || result.foreign);
        EXPECT_EQ(result.source_sequence, 41u);
    }
}

TEST_P(EveryWidth, AnotherFramesRowIsFound) {
    Picture picture(GetParam(), 7, 4);
    picture.stamp(3, 41);
    Picture other(GetParam(), 7, 4);
    other.stamp(3, 42);
    std::memcpy(picture.bytes.data() + 5 * picture.pitch, other.bytes.data() + 5 * other.pitch,
                picture.pitch);
    const VerifyResult result = picture.check(3, 41);
    EXPECT_FALSE(result.whole);
    EXPECT_TRUE(result.torn);
    EXPECT_EQ(result.first_wrong_row, 5u);
}

TEST_P(EveryWidth, AnotherMonitorsFrameIsNotWhole) {
    Picture picture(GetParam(), 7, 4);
    picture.stamp(4, 41);
    EXPECT_FALSE(picture.check(3, 41).whole);
}

TEST_P(EveryWidth, RowsInTheWrongPlaceAreFound) {
    Picture picture(GetParam(), 7, 4);
    picture.stamp(3, 41);
    std::swap_ranges(picture.bytes.begin(), picture.bytes.begin() + picture.pitch,
                     picture.bytes.begin() + picture.pitch);
    EXPECT_FALSE(picture.check(3, 41).whole);
}

INSTANTIATE_TEST_SUITE_P(Stamp, EveryWidth,
                         testing::Values(1u, 2u, 3u, 5u, 6u, 7u, 11u, 12u, 13u, 64u, 1921u));

TEST(Stamp, ForeignIsToldFromTornWhenTheRowsAreWideEnough) {
    Picture picture(64, 4, 4);
    picture.stamp(4, 41);
    const VerifyResult result = picture.check(3, 41);
    EXPECT_TRUE(result.foreign);
    EXPECT_FALSE(result.torn);
}

TEST(Stamp, OneFrameThatIsNotTheExpectedIsNamed) {
    Picture picture(64, 4, 4);
    picture.stamp(3, 40);
    const VerifyResult result = picture.check(3, 41);
    EXPECT_FALSE(result.whole || result.torn || result.foreign);
    EXPECT_EQ(result.source_sequence, 40u);
}

TEST(Stamp, TheRightEndAloneTells) {
    Picture picture(64, 4, 4);
    picture.stamp(3, 41);
    picture.bytes[2 * picture.pitch + picture.pitch - 20] ^= std::byte{1};
    const VerifyResult result = picture.check(3, 41);
    EXPECT_TRUE(result.torn);
    EXPECT_EQ(result.first_wrong_row, 2u);
}

TEST(Stamp, UnpaintedOrMissingPixelsAreNotWhole) {
    EXPECT_TRUE(Picture(64, 4, 4).check(0, 0).torn);
    Picture cut(64, 4, 4);
    cut.stamp(3, 41);
    cut.bytes.resize(cut.bytes.size() - 1);
    EXPECT_TRUE(cut.check(3, 41).torn);
    EXPECT_FALSE(verify({}, 0, 0, 0, 4, 3, 41).whole);
}

}  // namespace
}  // namespace pf::pattern
