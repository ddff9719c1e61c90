#include "bgra_to_yuv420.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "test/test_frames.hpp"

namespace pf::sinks {
namespace {

struct Picture {
    std::uint32_t width, height;
    std::vector<std::uint8_t> y = std::vector<std::uint8_t>(width * height, 1);
    std::vector<std::uint8_t> u = std::vector<std::uint8_t>(width * height / 4, 1);
    std::vector<std::uint8_t> v = u;
    Planes420 planes() { return {{y.data(), u.data(), v.data()}, {width, width / 2, width / 2}}; }
};

// Every pixel one colour; the width is no multiple of any vector.
void expect_colour(std::uint32_t bgra, int y, int u, int v) {
    const auto frame = test::solid_frame({38, 6}, bgra);
    Picture picture{38, 6};
    bgra_to_yuv420(frame.view(), 0, 6, picture.planes());
    const auto expect_all = [bgra](const std::vector<std::uint8_t>& plane, int value) {
        EXPECT_EQ(std::count(plane.begin(), plane.end(), value),
                  static_cast<std::ptrdiff_t>(plane.size()))
            << std::hex << bgra << ": " << std::dec << int{plane.front()} << ", not " << value;
    };
    expect_all(picture.y, y);
    expect_all(picture.u, u);
    expect_all(picture.v, v);
}

TEST(BgraToYuv420, ColourBarsOfBt709) {
    expect_colour(0xFF000000, 16, 128, 128);
    expect_colour(0x00FFFFFF, 235, 128, 128);
    expect_colour(0xFFFF0000, 63, 102, 240);
    expect_colour(0xFF00FF00, 173, 42, 26);
    expect_colour(0xFF0000FF, 32, 240, 118);
}

TEST(BgraToYuv420, ChromaIsTheMeanOfFourPixels) {
    const auto frame =
        test::make_frame({2, 2}, [](auto x, auto y) { return x == y ? 0xFFFFFFULL : 0x000000ULL; });
    Picture picture{2, 2};
    bgra_to_yuv420(frame.view(), 0, 2, picture.planes());
    EXPECT_EQ(picture.y, (std::vector<std::uint8_t>{235, 16, 16, 235}));
    EXPECT_EQ(picture.u[0], 128);
    EXPECT_EQ(picture.v[0], 128);
}

TEST(BgraToYuv420, TouchesOnlyItsRows) {
    const auto frame = test::solid_frame({64, 8}, 0xFFFFFF);
    Picture picture{64, 8};
    bgra_to_yuv420(frame.view(), 2, 4, picture.planes());
    for (std::uint32_t row = 0; row < 8; ++row) {
        EXPECT_EQ(picture.y[row * 64], row == 2 || row == 3 ? 235 : 1) << row;
        EXPECT_EQ(picture.u[row / 2 * 32], row / 2 == 1 ? 128 : 1) << row;
    }
}

}  // namespace
}  // namespace pf::sinks
