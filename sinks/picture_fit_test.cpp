#include "picture_fit.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace pf::sinks {
namespace {

TEST(FitInto, KeepsTheShapeAndTheMiddle) {
    EXPECT_EQ(fit_into({1920, 1080}, {1280, 720}), (PictureRect{0, 0, 1280, 720}));
    EXPECT_EQ(fit_into({1024, 768}, {1920, 1080}), (PictureRect{240, 0, 1440, 1080}));
    EXPECT_EQ(fit_into({2560, 1080}, {1920, 1080}), (PictureRect{0, 134, 1920, 810}));
}

TEST(FitInto, StaysWithinWhateverTheSizes) {
    for (const std::uint32_t a : {1U, 2U, 3U, 17U, 16384U}) {
        for (const std::uint32_t b : {1U, 2U, 5U, 16384U}) {
            for (const PictureSize to : {PictureSize{1, 1}, {2, 2}, {2, 16384}, {640, 480}}) {
                const PictureRect place = fit_into({a, b}, to);
                EXPECT_GE(place.width, 1U);
                EXPECT_GE(place.height, 1U);
                EXPECT_LE(place.x + place.width, to.width);
                EXPECT_LE(place.y + place.height, to.height);
                EXPECT_EQ(place.x % 2 + place.y % 2, 0U);
            }
        }
    }
}

TEST(RepeatEdge, TheLastColumnAndRowComeTwice) {
    const std::vector<std::uint8_t> from{1, 2, 3, 9, 4, 5, 6, 9};  // 3x2, a pitch of 4
    std::vector<std::uint8_t> out(4 * 4);
    repeat_edge({reinterpret_cast<const std::byte*>(from.data()), 4, {3, 2}}, 1,
                reinterpret_cast<std::byte*>(out.data()), 4, {4, 4});
    EXPECT_EQ(out, (std::vector<std::uint8_t>{1, 2, 3, 3, 4, 5, 6, 6, 4, 5, 6, 6, 4, 5, 6, 6}));
}

}  // namespace
}  // namespace pf::sinks
