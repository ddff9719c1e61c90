// The token, the opened detail word, the attach check, the generation's circle.
#include <pf/proto/frame.hpp>

#include <algorithm>

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

TEST(FrameToken, PacksGenerationSeqAndSlot) {
    EXPECT_EQ((FrameToken{1, 1, 0}.pack()), 0x0000010000000100u);
    EXPECT_EQ((FrameToken{0xABCDEF, 0x12345678, 5}.pack()), 0xABCDEF1234567805u);
    EXPECT_EQ((FrameToken{0xFF000001, 1, 0}.pack()), (FrameToken{1, 1, 0}.pack()));
}

TEST(FrameToken, UnpacksEveryWord) {
    std::uint64_t word = 0x9E3779B97F4A7C15;
    for (int i = 0; i < 100000; ++i) {
        word = word * 6364136223846793005u + 1442695040888963407u;
        const FrameToken token = FrameToken::unpack(word);
        ASSERT_EQ(token.pack(), word);
        ASSERT_LE(token.generation, kMaxGeneration);
    }
}

TEST(OpenedDetail, SaysNothingWithoutTheLiveBit) {
    for (const std::uint32_t word : {0u, 1u, 0x7FFFFFFFu}) {
        const OpenedDetail detail = unpack_opened_detail(word);
        EXPECT_FALSE(detail.live);
        EXPECT_EQ(detail.offered, 0u);
        EXPECT_EQ(detail.mismatched, 0u);
    }
}

TEST(OpenedDetail, CountsAndSaturates) {
    struct Case {
        std::uint32_t offered, mismatched, word;
    };
    for (const Case& c : {Case{0, 0, 0x80000000}, Case{1, 0, 0x80010000}, Case{1, 1, 0x80010001},
                          Case{0x7FFF, 0xFFFF, 0xFFFFFFFF}, Case{0x8000, 0x10000, 0xFFFFFFFF},
                          Case{0xFFFFFFFF, 3, 0xFFFF0003}, Case{2, 0xFFFFFFFF, 0x8002FFFF}}) {
        EXPECT_EQ(pack_opened_detail(c.offered, c.mismatched), c.word);
        const OpenedDetail detail = unpack_opened_detail(c.word);
        EXPECT_TRUE(detail.live);
        EXPECT_EQ(detail.offered, std::min(c.offered, 0x7FFFu));
        EXPECT_EQ(detail.mismatched, std::min(c.mismatched, 0xFFFFu));
    }
}

TEST(AttachCheck, StaleWinsOverBindMismatch) {
    EXPECT_EQ(check_attach(kMagic, 3, 7, 3, 7), AttachCheck::ok);
    EXPECT_EQ(check_attach(kMagic, 3, 8, 3, 7), AttachCheck::bind_mismatch);
    EXPECT_EQ(check_attach(0, 3, 7, 3, 7), AttachCheck::stale);
    EXPECT_EQ(check_attach(kMagic + 1, 3, 8, 3, 7), AttachCheck::stale);
    EXPECT_EQ(check_attach(kMagic, 4, 7, 3, 7), AttachCheck::stale);
    EXPECT_EQ(check_attach(kMagic, 4, 8, 3, 7), AttachCheck::stale);
}

TEST(Generation, StaysInItsTwentyFourBitsAndSkipsZero) {
    EXPECT_EQ(next_generation(0), 1u);
    EXPECT_EQ(next_generation(1), 2u);
    EXPECT_EQ(next_generation(0xFFFFFE), 0xFFFFFFu);
    EXPECT_EQ(next_generation(0xFFFFFF), 1u);
    EXPECT_EQ(next_generation(0xFFFFFFFF), 1u);
}

}  // namespace
}  // namespace pf::proto
