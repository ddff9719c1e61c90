#include "png_sink.hpp"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>
#include <png.h>

#include "test/scratch_directory.hpp"
#include "test/test_frames.hpp"

namespace pf::sinks {
namespace {

using test::make_frame;
using test::ScratchDirectory;

// 16 bits a channel, whatever the file has.
struct Image {
    std::uint32_t width = 0, height = 0;
    int depth = 0;
    std::vector<std::uint16_t> rgb;
};

Image read_png(const std::string& path) {
    Image image;
    std::FILE* file = std::fopen(path.c_str(), "rb");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_read_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
    image.width = png_get_image_width(png, info);
    image.height = png_get_image_height(png, info);
    image.depth = png_get_bit_depth(png, info);
    png_bytepp rows = png_get_rows(png, info);
    for (std::uint32_t y = 0; y < image.height; ++y) {
        for (std::uint32_t i = 0; i < image.width * 3; ++i) {
            image.rgb.push_back(image.depth == 8 ? rows[y][i]
                                                 : static_cast<std::uint16_t>(rows[y][i * 2] << 8 |
                                                                              rows[y][i * 2 + 1]));
        }
    }
    png_destroy_read_struct(&png, &info, nullptr);
    std::fclose(file);
    return image;
}

Image write_and_read(const ScratchDirectory& dir, const host::Frame& frame) {
    SinkOptions options;
    options.path = dir.file("a.png");
    auto sink = open_sink(options);
    EXPECT_TRUE((*sink)->push(frame));
    auto closed = (*sink)->close(0);
    EXPECT_TRUE(closed) << closed.error().message();
    return read_png(options.path);
}

TEST(PngSink, EightBitIsExact) {
    ScratchDirectory dir;
    const auto image =
        write_and_read(dir, make_frame({37, 11}, [](auto x, auto y) {
                           return std::uint64_t{x | y << 8 | (x * y % 256) << 16 | 0x12000000};
                       }));
    ASSERT_EQ(image.width, 37U);
    ASSERT_EQ(image.height, 11U);
    ASSERT_EQ(image.depth, 8);
    for (std::uint32_t y = 0; y < 11; ++y) {
        for (std::uint32_t x = 0; x < 37; ++x) {
            const auto* rgb = &image.rgb[(y * 37 + x) * 3];
            ASSERT_EQ(rgb[0], x * y % 256);
            ASSERT_EQ(rgb[1], y);
            ASSERT_EQ(rgb[2], x);
        }
    }
}

TEST(PngSink, TenBitKeepsEveryCode) {
    ScratchDirectory dir;
    const auto image =
        write_and_read(dir, make_frame({1024, 1, host::PixelFormat::rgb10a2}, [](auto x, auto) {
                           return std::uint64_t{x | (1023 - x) << 10 | (x / 2) << 20 | 3U << 30};
                       }));
    ASSERT_EQ(image.depth, 16);
    for (std::uint32_t x = 0; x < 1024; ++x) {
        ASSERT_EQ(image.rgb[x * 3] >> 6, x);
        ASSERT_EQ(image.rgb[x * 3 + 1] >> 6, 1023 - x);
        ASSERT_EQ(image.rgb[x * 3 + 2] >> 6, x / 2);
    }
    EXPECT_EQ(image.rgb[1023 * 3], 65535);
}

TEST(PngSink, HalfFloatsBecomeSrgb) {
    ScratchDirectory dir;
    // 1.0, 0.5, -1.0 (clipped); 0.5 of light is 0.7354 of signal.
    const auto image =
        write_and_read(dir, make_frame({1, 1, host::PixelFormat::rgba16f},
                                       [](auto, auto) { return 0x3C00BC0038003C00ULL; }));
    ASSERT_EQ(image.depth, 16);
    EXPECT_EQ(image.rgb[0], 65535);
    EXPECT_NEAR(image.rgb[1], 0.7354 * 65535, 20);
    EXPECT_EQ(image.rgb[2], 0);
}

TEST(PngSink, TheLastFrameWins) {
    ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.file("a.png");
    auto sink = open_sink(options);
    for (const std::uint64_t word : {0x111111, 0x222222, 0x333333}) {
        ASSERT_TRUE((*sink)->push(test::solid_frame({4, 4}, word)));
    }
    ASSERT_TRUE((*sink)->close(0));
    EXPECT_EQ(read_png(options.path).rgb[0], 0x33);
}

void write_no_frame(const std::string& path) {
    SinkOptions options;
    options.path = path;
    auto sink = open_sink(options);
    ASSERT_TRUE(sink);
    EXPECT_FALSE((*sink)->close(0));
}

TEST(PngSink, NoFrameLeavesNoFile) {
    ScratchDirectory dir;
    write_no_frame(dir.file("a.png"));
    EXPECT_FALSE(std::filesystem::exists(dir.file("a.png")));
}

TEST(PngSink, NoFrameLeavesTheOldPicture) {
    ScratchDirectory dir;
    std::ofstream(dir.file("a.png")) << "old";
    write_no_frame(dir.file("a.png"));
    EXPECT_EQ(std::filesystem::file_size(dir.file("a.png")), 3U);
}

// libpng, as which most readers read, takes no image of that size.
TEST(PngSink, WhatReadersRefuseIsAnErrorAndLeavesNoFile) {
    ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.file("a.png");
    auto sink = open_sink(options);
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->push(test::solid_frame({1'000'001, 1}, 1)));
    EXPECT_FALSE((*sink)->close(0));
    EXPECT_FALSE(std::filesystem::exists(options.path));
}

TEST(PngSink, FullDiskIsAnError) {
    ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.full("a.png");
    auto sink = open_sink(options);
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->push(test::solid_frame({64, 64}, 1)));
    EXPECT_FALSE((*sink)->close(0));
}

}  // namespace
}  // namespace pf::sinks
