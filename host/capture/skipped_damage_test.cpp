// Consumers that keep a picture of their own and repaint only the rectangles of each frame that
// they take: after every frame it equals the frame, however many were skipped.
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "test/ring_pair.hpp"

namespace pf::host {
namespace {

constexpr std::uint32_t kWidth = 64, kHeight = 32;

class Consumer {
public:
    explicit Consumer(RingReader& reader) : reader_(reader) {}

    void take() {
        if (reader_.take(position_, frame_) != Take::frame) {
            return;
        }
        const FrameView& view = frame_.view();
        ASSERT_FALSE(view.damage.empty());
        for (const proto::DamageRect& rect : view.damage) {
            repaint(view, rect);
            repainted_ += std::uint64_t{rect.width} * rect.height;
        }
        whole_ += view.full_damage;
        for (std::uint32_t y = 0; y < kHeight; ++y) {
            ASSERT_EQ(std::memcmp(row(view, y), &picture_[y * kWidth], kWidth * 4), 0)
                << "frame " << view.seq << ", row " << y;
        }
    }
    void let_go() { frame_ = {}; }
    std::uint64_t whole() const { return whole_; }
    std::uint64_t repainted() const { return repainted_; }
    const ReadPosition& position() const { return position_; }

private:
    static const std::byte* row(const FrameView& view, std::uint32_t y) {
        return view.pixels() + std::size_t{y} * view.pitch_bytes();
    }
    void repaint(const FrameView& view, const proto::DamageRect& rect) {
        for (std::uint32_t y = rect.y; y < rect.y + rect.height; ++y) {
            std::memcpy(&picture_[y * kWidth + rect.x], row(view, y) + rect.x * 4, rect.width * 4);
        }
    }

    RingReader& reader_;
    ReadPosition position_ = RingReader::new_position().value();
    Frame frame_;
    std::vector<std::uint32_t> picture_ = std::vector<std::uint32_t>(kWidth * kHeight);
    std::uint64_t whole_ = 0;
    std::uint64_t repainted_ = 0;
};

// Draws a few random rectangles a frame.
class Desktop {
public:
    explicit Desktop(test::RingPair& pair) : pair_(pair) {}

    void draw(std::mt19937& random, std::uint32_t most_rects) {
        const auto below = [&](std::uint32_t end) {
            return static_cast<std::uint32_t>(random() % end);
        };
        core::DamageRegion damage;
        for (std::uint32_t i = 1 + below(most_rects); i > 0; --i) {
            const std::uint32_t x = below(kWidth), y = below(kHeight);
            const proto::DamageRect rect{x, y, 1 + below(std::min(kWidth - x, 5u)),
                                         1 + below(std::min(kHeight - y, 5u))};
            fill(rect, below(0xFFFFFFFF));
            damage.add(rect);
        }
        pair_.publish_picture(pixels_, damage);
    }

private:
    void fill(const proto::DamageRect& rect, std::uint32_t color) {
        for (std::uint32_t y = rect.y; y < rect.y + rect.height; ++y) {
            std::fill_n(&pixels_[y * kWidth + rect.x], rect.width, color);
        }
    }

    test::RingPair& pair_;
    std::vector<std::uint32_t> pixels_ = std::vector<std::uint32_t>(kWidth * kHeight);
};

TEST(SkippedDamage, APictureRepaintedByDamageAloneEqualsTheFrame) {
    for (const std::uint32_t most_rects : {1u, 3u, 30u}) {
        std::mt19937 random(most_rects);
        test::RingPair pair(kWidth, kHeight);
        ASSERT_EQ(pair.attach(), proto::AttachCheck::ok);
        Desktop desktop(pair);
        Consumer quick(*pair.reader), slow(*pair.reader);
        for (int frame = 0; frame < 3000 && !testing::Test::HasFatalFailure(); ++frame) {
            desktop.draw(random, most_rects);
            if (random() % 2 == 0) {
                quick.take();
            }
            if (random() % 5 == 0) {
                slow.take();
            }
            if (random() % 3 == 0) {
                slow.let_go();
            }
        }
        EXPECT_GT(slow.position().skipped, 500u);
    }
}

}  // namespace
}  // namespace pf::host
