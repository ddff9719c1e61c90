#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include <pf/sinks/frame_sink.hpp>

#include "test/scratch_directory.hpp"
#include "test/test_frames.hpp"

namespace pf::sinks {
namespace {

TEST(RawSink, RowsAreTightAndFramesFollowEachOther) {
    test::ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.file("a.raw");
    options.mode = {5, 3, 60};
    auto sink = open_sink(options);
    ASSERT_TRUE(sink);
    for (std::uint32_t seq = 0; seq < 3; ++seq) {
        ASSERT_TRUE((*sink)->push(test::make_frame(
            {5, 3}, [seq](auto x, auto y) { return std::uint64_t{x + y * 5 + seq * 15}; })));
    }
    ASSERT_TRUE((*sink)->close(0));
    std::ifstream file(options.path, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    ASSERT_EQ(bytes.size(), 3U * 5 * 3 * 4);
    for (std::uint32_t i = 0; i < 45; ++i) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + i * 4, 4);
        ASSERT_EQ(word, i);
    }
}

TEST(RawSink, HalfFloatsAreEightBytesAPixel) {
    test::ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.file("a.raw");
    options.mode = {7, 2, 60};
    options.format = host::PixelFormat::rgba16f;
    auto sink = open_sink(options);
    ASSERT_TRUE((*sink)->push(test::solid_frame({7, 2, host::PixelFormat::rgba16f}, 1)));
    ASSERT_TRUE((*sink)->close(0));
    EXPECT_EQ(std::filesystem::file_size(options.path), 7U * 2 * 8);
}

TEST(RawSink, FullDiskIsAnErrorAtTheLatestWhenItCloses) {
    test::ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.full("a.raw");
    options.mode = {4, 4, 60};
    auto sink = open_sink(options);
    ASSERT_TRUE(sink);
    (void)(*sink)->push(test::solid_frame({4, 4}, 1));
    const auto closed = (*sink)->close(0);
    ASSERT_FALSE(closed);
    EXPECT_NE(closed.error().message().find("a.raw"), std::string::npos);
}

TEST(RawSink, AFrameOfAnotherSizeIsScaledSoThatEveryFrameHasOneSize) {
    test::ScratchDirectory dir;
    std::vector<std::string> notes;
    SinkOptions options;
    options.path = dir.file("a.raw");
    options.mode = {8, 4, 60};
    options.note = [&notes](const std::string& line) { notes.push_back(line); };
    auto sink = open_sink(options);
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->push(test::solid_frame({8, 4}, 1)));
    ASSERT_TRUE((*sink)->push(test::solid_frame({2, 2}, 7)));  // fills 4x4 in the middle
    ASSERT_TRUE((*sink)->push(test::solid_frame({16, 8}, 9)));
    ASSERT_TRUE((*sink)->close(0));
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("2x2"), std::string::npos);
    std::ifstream file(options.path, std::ios::binary);
    std::vector<std::uint32_t> words(3 * 8 * 4);
    file.read(reinterpret_cast<char*>(words.data()), static_cast<long>(words.size() * 4));
    ASSERT_TRUE(file);
    for (std::size_t x = 0; x < 8; ++x) {
        EXPECT_EQ(words[32 + x], x >= 2 && x < 6 ? 7U : 0U) << x;
        EXPECT_EQ(words[64 + x], 9U);
    }
}

TEST(RawSink, AnOldFileIsReplaced) {
    test::ScratchDirectory dir;
    SinkOptions options;
    options.path = dir.file("a.raw");
    options.mode = {1, 1, 60};
    std::ofstream(options.path) << "far longer than one pixel";
    auto sink = open_sink(options);
    ASSERT_TRUE((*sink)->push(test::solid_frame({1, 1}, 1)));
    ASSERT_TRUE((*sink)->close(0));
    EXPECT_EQ(std::filesystem::file_size(options.path), 4U);
}

}  // namespace
}  // namespace pf::sinks
