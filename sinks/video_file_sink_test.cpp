#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/sinks/frame_sink.hpp>
#include <pf/sinks/video_facts.hpp>

#include "test/decode_video.hpp"
#include "test/scratch_directory.hpp"
#include "test/test_frames.hpp"
#include "video_file_sink.hpp"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

namespace pf::sinks {
namespace {

using test::decode_video;
using test::make_frame;
using test::ScratchDirectory;
using test::solid_frame;

constexpr std::int64_t kStart = 5 * os::kSecond;

std::uint32_t gradient(std::uint32_t x, std::uint32_t y, std::uint32_t seq) {
    return (x * 7 + seq) % 256 | (y * 5 % 256) << 8 | ((x + y + seq * 3) % 256) << 16 | 0xAB000000U;
}

SinkOptions options(const ScratchDirectory& dir, const char* name, const host::Mode& mode) {
    SinkOptions options;
    options.path = dir.file(name);
    options.mode = mode;
    return options;
}

// Pushes `count` frames at the mode's rate and closes `tail_ns` after the last one.
void record(const SinkOptions& options, int count, std::int64_t tail_ns = 0) {
    auto sink = open_sink(options);
    ASSERT_TRUE(sink) << sink.error().message();
    const std::int64_t period = os::kSecond / options.mode.refresh_hz;
    for (int i = 0; i < count; ++i) {
        auto frame = make_frame(
            {options.mode.width, options.mode.height, options.format, kStart + i * period},
            [i](auto x, auto y) { return gradient(x, y, static_cast<std::uint32_t>(i)); });
        auto pushed = (*sink)->push(frame);
        ASSERT_TRUE(pushed) << pushed.error().message();
    }
    auto closed = (*sink)->close(kStart + (count - 1) * period + tail_ns);
    ASSERT_TRUE(closed) << closed.error().message();
}

TEST(VideoFileSink, Ffv1KeepsEveryPixelOfEveryFrame) {
    ScratchDirectory dir;
    auto to = options(dir, "a.mkv", {65, 33, 60});
    to.codec = VideoCodec::ffv1;
    record(to, 5);
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.frames.size(), 5U);
    for (std::uint32_t seq = 0; seq < 5; ++seq) {
        const AVFrame& frame = *video.frames[seq];
        ASSERT_EQ(frame.format, AV_PIX_FMT_BGR0);
        for (std::uint32_t y = 0; y < 33; ++y) {
            for (std::uint32_t x = 0; x < 65; ++x) {
                std::uint32_t pixel = 0;
                std::memcpy(&pixel, frame.data[0] + static_cast<int>(y) * frame.linesize[0] + x * 4,
                            4);
                ASSERT_EQ(pixel & 0xFFFFFF, gradient(x, y, seq) & 0xFFFFFF) << x << ',' << y;
            }
        }
    }
}

TEST(VideoFileSink, Ffv1KeepsTenBitsExactly) {
    ScratchDirectory dir;
    auto to = options(dir, "ten.mkv", {64, 32, 30});
    to.codec = VideoCodec::ffv1;
    to.format = host::PixelFormat::rgb10a2;
    record(to, 2);
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.frames.size(), 2U);
    const AVFrame& frame = *video.frames[1];
    ASSERT_EQ(frame.format, AV_PIX_FMT_GBRP10);
    EXPECT_EQ(frame.color_trc, AVCOL_TRC_SMPTE2084);
    EXPECT_EQ(frame.color_primaries, AVCOL_PRI_BT2020);
    for (std::uint32_t y = 0; y < 32; ++y) {
        for (std::uint32_t x = 0; x < 64; ++x) {
            const std::uint32_t word = gradient(x, y, 1);
            const auto at = [&](int plane) {
                std::uint16_t code = 0;
                std::memcpy(&code,
                            frame.data[plane] + static_cast<int>(y) * frame.linesize[plane] + x * 2,
                            2);
                return code;
            };
            ASSERT_EQ(at(2), word & 0x3FF);
            ASSERT_EQ(at(0), word >> 10 & 0x3FF);
            ASSERT_EQ(at(1), word >> 20 & 0x3FF);
        }
    }
}

TEST(VideoFileSink, FileStatesSizeRateAndDurationOfEveryContainerAndParity) {
    ScratchDirectory dir;
    for (const char* name : {"even.mkv", "odd.mkv", "even.mp4", "odd.mp4"}) {
        const bool odd = std::string(name).starts_with("odd");
        const host::Mode mode = odd ? host::Mode{161, 91, 120} : host::Mode{160, 90, 60};
        record(options(dir, name, mode), 30, os::kSecond / mode.refresh_hz);
        const auto facts = read_video_facts(dir.file(name));
        ASSERT_TRUE(facts) << facts.error().message();
        EXPECT_EQ(facts->width, mode.width + mode.width % 2) << name;
        EXPECT_EQ(facts->height, mode.height + mode.height % 2) << name;
        EXPECT_NEAR(facts->rate_hz, mode.refresh_hz, 0.5) << name;
        EXPECT_EQ(facts->frames, 30U) << name;
        EXPECT_NEAR(facts->duration_s, 30.0 / mode.refresh_hz, 0.02) << name;
        EXPECT_EQ(facts->codec, "h264");
        EXPECT_EQ(decode_video(dir.file(name)).frames.size(), 30U);
    }
}

TEST(VideoFileSink, IdleTimeLastsInTheMiddleAndAtTheEnd) {
    ScratchDirectory dir;
    const auto to = options(dir, "idle.mkv", {64, 64, 60});
    auto sink = open_sink(to);
    ASSERT_TRUE(sink);
    for (const std::int64_t at_ms : {0, 16, 3016}) {
        ASSERT_TRUE((*sink)->push(solid_frame(
            {64, 64, host::PixelFormat::bgra8, kStart + at_ms * os::kMillisecond}, 0xFF8040)));
    }
    ASSERT_TRUE((*sink)->close(kStart + 5016 * os::kMillisecond));
    const auto facts = read_video_facts(to.path);
    ASSERT_TRUE(facts);
    EXPECT_NEAR(facts->duration_s, 5.016, 0.02);
    EXPECT_NEAR(facts->longest_gap_s, 3.0, 0.01);
    EXPECT_NEAR(facts->rate_hz, 60, 0.5);
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.at_s.size(), 4U);  // the last picture once more, a frame before the end
    EXPECT_NEAR(video.at_s[1], 0.016, 0.002);
    EXPECT_NEAR(video.at_s[2], 3.016, 0.002);
    EXPECT_NEAR(video.at_s[3], 5.0, 0.002);
}

TEST(VideoFileSink, FramesWithinOneTickKeepTheirOrder) {
    ScratchDirectory dir;
    const auto to = options(dir, "fast.mkv", {64, 64, 1000});
    auto sink = open_sink(to);
    ASSERT_TRUE(sink);
    for (int i = 0; i < 10; ++i) {  // 100 us apart: Matroska counts milliseconds
        ASSERT_TRUE((*sink)->push(
            solid_frame({64, 64, host::PixelFormat::bgra8, kStart + i * 100'000}, 0x102030)));
    }
    ASSERT_TRUE((*sink)->close(0));
    EXPECT_EQ(decode_video(to.path).frames.size(), 10U);
}

TEST(VideoFileSink, H264ShowsTheRightColours) {
    ScratchDirectory dir;
    const auto to = options(dir, "red.mkv", {64, 64, 60});
    auto sink = open_sink(to);
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->push(solid_frame({64, 64, host::PixelFormat::bgra8, kStart}, 0xFFFF0000)));
    ASSERT_TRUE((*sink)->close(kStart));
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.frames.size(), 1U);
    const AVFrame& frame = *video.frames[0];
    EXPECT_EQ(frame.colorspace, AVCOL_SPC_BT709);
    EXPECT_EQ(frame.color_range, AVCOL_RANGE_MPEG);
    EXPECT_NEAR(frame.data[0][0], 63, 2);  // BT.709 limited range red: Y 63, Cb 102, Cr 240
    EXPECT_NEAR(frame.data[1][0], 102, 2);
    EXPECT_NEAR(frame.data[2][0], 240, 2);
}

// A frame that says what changed; the picture's other rows must come from the frame before.
TEST(VideoFileSink, ChangedRowsAloneAreConverted) {
    ScratchDirectory dir;
    const auto to = options(dir, "damage.mkv", {64, 64, 60});
    auto sink = open_sink(to);
    ASSERT_TRUE(sink);
    const proto::DamageRect middle{8, 33, 4, 2};
    for (std::uint32_t seq = 1; seq <= 6; ++seq) {
        const std::int64_t at = kStart + seq * os::kSecond / 60;
        // 1: black. 2: rows 33 and 34 white, told so. 3: again, but 4 is missing before 5, whose
        // damage is therefore against a frame that is not in the picture: all white.
        const bool skipped = seq == 4;
        auto frame = make_frame({64, 64, host::PixelFormat::bgra8, at}, [seq](auto, auto y) {
            return seq >= 5 || (seq > 1 && y >= 33 && y < 35) ? 0xFFFFFFULL : 0ULL;
        });
        host::FrameView view = frame.view();
        view.seq = seq;
        view.full_damage = seq == 1;
        if (seq > 1) {
            view.damage = {&middle, 1};
        }
        if (!skipped) {
            struct Shared {
                host::Frame frame;
                host::FrameView view;
            };
            auto shared = std::make_shared<Shared>(Shared{frame, view});
            const host::FrameView* told = &shared->view;
            ASSERT_TRUE((*sink)->push(host::Frame(std::move(shared), told)));
        }
    }
    ASSERT_TRUE((*sink)->close(0));
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.frames.size(), 5U);
    const auto luma = [&](std::size_t frame, int row) {
        return video.frames[frame]->data[0][row * video.frames[frame]->linesize[0] + 9];
    };
    EXPECT_NEAR(luma(1, 0), 16, 3);
    EXPECT_NEAR(luma(1, 33), 235, 6);
    EXPECT_NEAR(luma(2, 33), 235, 6);
    EXPECT_NEAR(luma(3, 0), 235, 6);  // frame 5
    EXPECT_NEAR(luma(3, 33), 235, 6);
}

TEST(VideoFileSink, HdrIsTenBitPq) {
    ScratchDirectory dir;
    auto to = options(dir, "hdr.mkv", {64, 64, 60});
    to.format = host::PixelFormat::rgba16f;
    auto sink = open_sink(to);
    ASSERT_TRUE(sink);
    // White of 1.0: 80 nits, PQ code 0.4879 of full scale.
    const std::uint64_t white = 0x3C003C003C003C00ULL;
    ASSERT_TRUE((*sink)->push(solid_frame({64, 64, to.format, kStart}, white)));
    ASSERT_TRUE((*sink)->close(kStart));
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.frames.size(), 1U);
    const AVFrame& frame = *video.frames[0];
    ASSERT_EQ(frame.format, AV_PIX_FMT_YUV420P10);
    EXPECT_EQ(frame.color_trc, AVCOL_TRC_SMPTE2084);
    std::uint16_t luma = 0;
    std::memcpy(&luma, frame.data[0], 2);
    EXPECT_NEAR(luma, 64 + 0.4879 * 876, 6);
}

TEST(VideoFileSink, FrameOfAnotherSizeIsScaledToTheFile) {
    ScratchDirectory dir;
    std::vector<std::string> notes;
    auto to = options(dir, "resize.mkv", {128, 64, 60});
    to.note = [&notes](const std::string& line) { notes.push_back(line); };
    auto sink = open_sink(to);
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->push(solid_frame({128, 64, host::PixelFormat::bgra8, kStart}, 0xFFFFFF)));
    ASSERT_TRUE((*sink)->push(
        solid_frame({333, 77, host::PixelFormat::bgra8, kStart + os::kSecond}, 0xFFFFFF)));
    ASSERT_TRUE((*sink)->push(
        solid_frame({77, 333, host::PixelFormat::bgra8, kStart + 2 * os::kSecond}, 0xFFFFFF)));
    ASSERT_TRUE((*sink)->close(kStart + 2 * os::kSecond));
    EXPECT_EQ(notes.size(), 1U);
    const auto video = decode_video(to.path);
    ASSERT_EQ(video.frames.size(), 3U);
    EXPECT_EQ(video.frames[1]->width, 128);
    const auto luma = [&](std::size_t frame, int x, int y) {
        return video.frames[frame]->data[0][y * video.frames[frame]->linesize[0] + x];
    };
    EXPECT_NEAR(luma(1, 64, 32), 235, 2);
    EXPECT_NEAR(luma(1, 64, 2), 16, 2) << "wider: black above";
    EXPECT_NEAR(luma(2, 64, 32), 235, 2);
    EXPECT_NEAR(luma(2, 2, 32), 16, 2) << "taller: black beside";
}

TEST(VideoFileSink, AnOddSizeIsPaddedByItsEdgeUnlessChromaIsWhole) {
    ScratchDirectory dir;
    for (const auto format : {host::PixelFormat::bgra8, host::PixelFormat::rgb10a2}) {
        for (const auto chroma : {Chroma::yuv420, Chroma::yuv444}) {
            std::vector<std::string> notes;
            auto to = options(dir, "odd.mkv", {33, 17, 60});
            to.format = format;
            to.chroma = chroma;
            to.note = [&notes](const std::string& line) { notes.push_back(line); };
            record(to, 2);
            const auto video = decode_video(to.path);
            ASSERT_EQ(video.frames.size(), 2U);
            const AVFrame& frame = *video.frames[1];
            const bool even = chroma == Chroma::yuv420;
            EXPECT_EQ(frame.width, even ? 34 : 33);
            EXPECT_EQ(frame.height, even ? 18 : 17);
            ASSERT_EQ(notes.size(), even ? 1U : 0U);
        }
    }
}

TEST(VideoFileSink, TheSmallestSizesAreVideosToo) {
    ScratchDirectory dir;
    for (const host::Mode mode : {host::Mode{1, 1, 60}, {1, 200, 60}, {200, 1, 60}, {2, 2, 60}}) {
        for (const char* name : {"small.mkv", "small.mp4"}) {
            record(options(dir, name, mode), 3);
            EXPECT_EQ(decode_video(dir.file(name)).frames.size(), 3U)
                << host::to_string(mode) << ' ' << name;
        }
    }
}

std::vector<double> key_times(const test::Decoded& video) {
    std::vector<double> times;
    for (std::size_t i = 0; i < video.frames.size(); ++i) {
        if (video.frames[i]->key_frame != 0) {
            times.push_back(video.at_s[i]);
        }
    }
    return times;
}

TEST(VideoFileSink, AKeyFrameLiesInEachTwoSecondsOfTimeAtAnyRate) {
    ScratchDirectory dir;
    for (const char* name : {"a.mkv", "a.mp4"}) {
        const auto to = options(dir, name, {64, 64, 240});
        auto sink = open_sink(to);
        ASSERT_TRUE(sink);
        constexpr std::int64_t kStep = 50 * os::kMillisecond;  // 20 of the 240 frames a second
        for (int i = 0; i < 200; ++i) {
            ASSERT_TRUE((*sink)->push(solid_frame(
                {64, 64, host::PixelFormat::bgra8, kStart + i * kStep}, 0x10101U * (i % 99))));
        }
        ASSERT_TRUE((*sink)->close(kStart + 200 * kStep));
        const auto keys = key_times(decode_video(to.path));
        ASSERT_GE(keys.size(), 5U) << name;
        for (std::size_t i = 1; i < keys.size(); ++i) {
            EXPECT_LE(keys[i] - keys[i - 1], 2.0) << name;
        }
    }
}

// Nothing new for ten seconds: the video goes on all the same, and can be sought in.
TEST(VideoFileSink, APictureThatStandsIsWrittenAgain) {
    ScratchDirectory dir;
    const auto to = options(dir, "still.mkv", {64, 64, 60});
    const auto file = os::OutputFile::open(to.path, {});
    ASSERT_TRUE(file);
    auto sink = VideoFileSink::open(to, *file);  // without a writer's thread: each step is done
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->push(solid_frame({64, 64, host::PixelFormat::bgra8, kStart}, 0x80)));
    for (int i = 1; i <= 40; ++i) {
        ASSERT_TRUE((*sink)->idle(kStart + i * 250 * os::kMillisecond));
    }
    ASSERT_TRUE((*sink)->close(kStart + 10 * os::kSecond));
    const auto video = decode_video(to.path);
    EXPECT_GE(video.frames.size(), 9U);
    for (std::size_t i = 1; i < video.at_s.size(); ++i) {
        EXPECT_LE(video.at_s[i] - video.at_s[i - 1], 1.3);
    }
    const auto keys = key_times(video);
    for (std::size_t i = 1; i < keys.size(); ++i) {
        EXPECT_LE(keys[i] - keys[i - 1], 2.0);
    }
    EXPECT_GE(keys.size(), 5U);
}

// What a kill -9 leaves: the file as it is while the sink is open.
TEST(VideoFileSink, AFileThatIsNeverFinishedPlaysUpToItsLastSecond) {
    ScratchDirectory dir;
    for (const char* name : {"a.mkv", "a.mp4"}) {
        const auto to = options(dir, name, {320, 240, 60});
        auto sink = open_sink(to);
        ASSERT_TRUE(sink);
        for (int i = 0; i < 300; ++i) {
            ASSERT_TRUE((*sink)->push(
                solid_frame({320, 240, host::PixelFormat::bgra8, kStart + i * os::kSecond / 60},
                            0x10101U * i)));
        }
        const std::string copy = dir.file(std::string("copy-") + name);
        std::filesystem::copy_file(to.path, copy);
        const auto video = decode_video(copy);
        ASSERT_FALSE(video.frames.empty()) << name;
        EXPECT_GE(video.at_s.back(), 5.0 - 1.1) << name;
        ASSERT_TRUE((*sink)->close(kStart + 5 * os::kSecond));
        EXPECT_EQ(decode_video(to.path).frames.size(), 300U) << name;
    }
}

TEST(VideoFileSink, HdrFilesSayWhatLightTheyHold) {
    ScratchDirectory dir;
    for (const char* name : {"hdr.mkv", "hdr.mp4"}) {
        auto to = options(dir, name, {64, 64, 60});
        to.format = host::PixelFormat::rgb10a2;
        to.light = {800, 300, 10};
        record(to, 2);
        AVFormatContext* context = nullptr;
        ASSERT_EQ(avformat_open_input(&context, ("file:" + to.path).c_str(), nullptr, nullptr), 0);
        const InputPtr input(context);
        const auto side_data = [&](AVPacketSideDataType type) {
            return av_stream_get_side_data(context->streams[0], type, nullptr);
        };
        const auto* level = reinterpret_cast<const AVContentLightMetadata*>(
            side_data(AV_PKT_DATA_CONTENT_LIGHT_LEVEL));
        const auto* display = reinterpret_cast<const AVMasteringDisplayMetadata*>(
            side_data(AV_PKT_DATA_MASTERING_DISPLAY_METADATA));
        ASSERT_NE(level, nullptr) << name;
        ASSERT_NE(display, nullptr) << name;
        EXPECT_EQ(level->MaxCLL, 800U);
        EXPECT_EQ(level->MaxFALL, 300U);
        EXPECT_DOUBLE_EQ(av_q2d(display->max_luminance), 800);
        EXPECT_DOUBLE_EQ(av_q2d(display->min_luminance), 0.01);
        EXPECT_DOUBLE_EQ(av_q2d(display->display_primaries[0][0]), 0.708);  // BT.2020 red
    }
}

// ITU-T H.264 (E.2.1): frames are not evenly spaced, and the file does not say that they are.
TEST(VideoFileSink, NoFixedRateIsPromised) {
    ScratchDirectory dir;
    const auto to = options(dir, "a.mkv", {64, 64, 60});
    record(to, 3);
    AVFormatContext* context = nullptr;
    ASSERT_EQ(avformat_open_input(&context, ("file:" + to.path).c_str(), nullptr, nullptr), 0);
    const InputPtr input(context);
    EXPECT_EQ(context->streams[0]->avg_frame_rate.num, 0) << "Matroska's DefaultDuration";
}

TEST(OpenSink, NamesAreNamesWhateverTheyLookLike) {
    ScratchDirectory dir;
    for (const char* name : {"10:30:00.mkv", "pipe:1.mp4", "http:x.mkv", "a%03d.mp4", "-x.mkv",
                             "new\nline.mkv", "file:y.mp4", "\xff.mkv", "?query=1.mkv"}) {
        record(options(dir, name, {64, 64, 60}), 3);
        EXPECT_TRUE(std::filesystem::is_regular_file(dir.file(name))) << name;
        EXPECT_EQ(decode_video(dir.file(name)).frames.size(), 3U) << name;
    }
}

TEST(OpenSink, ErrorsAreRejectionsThatNameThePath) {
    ScratchDirectory dir;
    std::filesystem::create_directory(dir.path() / "d.mkv");
    for (const char* name : {"d.mkv", "no/such.mkv", "x.avi", "none"}) {
        auto sink = open_sink(options(dir, name, {64, 64, 60}));
        ASSERT_FALSE(sink) << name;
        EXPECT_EQ(sink.error().reaction, os::Reaction::reject) << name;
        EXPECT_NE(sink.error().detail.find(name), std::string::npos);
    }
}

TEST(OpenSink, ARefusedPlanLeavesTheOldFileAndNoNewOne) {
    ScratchDirectory dir;
    auto to = options(dir, "x.mp4", {64, 64, 60});
    to.codec = VideoCodec::ffv1;
    EXPECT_FALSE(open_sink(to));
    EXPECT_FALSE(std::filesystem::exists(to.path));
    std::ofstream(to.path) << "old";
    EXPECT_FALSE(open_sink(to));
    EXPECT_EQ(std::filesystem::file_size(to.path), 3U);
}

TEST(OpenSink, TheContainerMayBeSaid) {
    ScratchDirectory dir;
    auto to = options(dir, "nothing", {64, 64, 60});
    to.kind = SinkKind::mp4;
    record(to, 3);
    EXPECT_EQ(decode_video(to.path).frames.size(), 3U);
}

TEST(VideoFileSink, FullDiskIsAnErrorAndStaysOne) {
    ScratchDirectory dir;
    auto to = options(dir, "full.mkv", {640, 480, 60});
    dir.full("full.mkv");
    to.codec = VideoCodec::ffv1;
    auto sink = open_sink(to);
    if (sink) {
        os::Result<void> pushed;
        for (int i = 0; i < 500 && pushed; ++i) {
            pushed = (*sink)->push(make_frame(
                {640, 480, to.format, kStart + i * 16 * os::kMillisecond}, [i](auto x, auto y) {
                    return gradient(x * 31, y * 17, static_cast<std::uint32_t>(i));
                }));
        }
        EXPECT_FALSE(pushed);
        auto closed = (*sink)->close(kStart);
        ASSERT_FALSE(closed);
        EXPECT_NE(closed.error().detail.find("full.mkv"), std::string::npos);
        EXPECT_NE(closed.error().detail.find("No space left"), std::string::npos);
    } else {
        EXPECT_NE(sink.error().detail.find("No space left"), std::string::npos);
    }
}

// A limit of a file's size for this process, as a disk that is full at exactly that byte.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uint64_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

// Where the top-level boxes of a type begin (ISO/IEC 14496-12, 4.2).
std::vector<std::uint64_t> boxes(const std::string& path, std::string_view type) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::uint64_t> found;
    unsigned char head[8];
    for (std::uint64_t at = 0; file.seekg(static_cast<std::streamoff>(at)) &&
                               file.read(reinterpret_cast<char*>(head), sizeof head);) {
        if (std::string_view(reinterpret_cast<char*>(head) + 4, 4) == type) {
            found.push_back(at);
        }
        at += std::uint64_t{head[0]} << 24 | head[1] << 16 | head[2] << 8 | head[3];
    }
    return found;
}

// Fails at the limit; what it says.
std::string record_until_full(const SinkOptions& to, std::uint64_t limit_bytes) {
    const FileSizeLimit limit(limit_bytes);
    auto sink = open_sink(to);
    os::Result<void> done;
    for (int i = 0; i < 240 && sink && done; ++i) {
        done = (*sink)->push(
            make_frame({160, 120, to.format, kStart + i * os::kSecond / 60},
                       [i](auto x, auto y) { return gradient(x, y, std::uint32_t(i)); }));
    }
    if (sink) {
        done = (*sink)->close(kStart + 4 * os::kSecond);
    }
    return !sink ? sink.error().detail : done ? "no failure" : done.error().detail;
}

TEST(VideoFileSink, ADiskThatIsFullAtAnyByteLeavesAnMp4ThatPlays) {
    ScratchDirectory dir;
    auto whole = options(dir, "whole.mp4", {160, 120, 60});
    record(whole, 240);
    const auto fragments = boxes(whole.path, "moof");
    ASSERT_GE(fragments.size(), 3U);
    const std::uint64_t third = fragments[2];
    for (const std::uint64_t limit :
         {third + 1, third + 8, third + 100, third + 600, third + 2000}) {
        auto to = options(dir, "full.mp4", {160, 120, 60});
        const std::string said = record_until_full(to, limit);
        EXPECT_NE(said.find("what was written before plays"), std::string::npos) << said;
        const auto facts = read_video_facts(to.path);
        ASSERT_TRUE(facts) << "full at " << limit << ": " << facts.error().message();
        EXPECT_GT(facts->frames, 60U) << "full at " << limit;
    }
    auto to = options(dir, "full.mp4", {160, 120, 60});
    const std::string said = record_until_full(to, fragments[0] + 100);
    EXPECT_NE(said.find("full.mp4"), std::string::npos) << said;
    EXPECT_EQ(said.find("plays"), std::string::npos) << said;
}

TEST(VideoFileSink, AFileCutShortStillPlays) {
    ScratchDirectory dir;
    auto to = options(dir, "whole.mkv", {320, 240, 60});
    record(to, 300);
    const auto size = std::filesystem::file_size(to.path);
    std::filesystem::resize_file(to.path, size * 2 / 3);
    const auto facts = read_video_facts(to.path);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->width, 320U);
    EXPECT_GT(facts->frames, 100U);
}

TEST(VideoFileSink, RefusesWhatItCannotWrite) {
    ScratchDirectory dir;
    auto to = options(dir, "x.mp4", {64, 64, 60});
    to.codec = VideoCodec::ffv1;
    EXPECT_FALSE(open_sink(to));
    auto nowhere = open_sink(options(dir, "no/such/dir/x.mkv", {64, 64, 60}));
    ASSERT_FALSE(nowhere);
    EXPECT_NE(nowhere.error().detail.find("No such file"), std::string::npos);
    EXPECT_FALSE(open_sink(options(dir, "x.avi", {64, 64, 60})));
}

}  // namespace
}  // namespace pf::sinks
