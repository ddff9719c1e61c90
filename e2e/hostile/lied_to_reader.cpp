#include "lied_to_reader.hpp"

#include <cstring>

#include <pf/os/clock.hpp>

#include "insist.hpp"

namespace pf::hostile {
namespace {

constexpr std::size_t kMaxHeld = 9;  // more than there are slots: copies share

// Word by word; the compiler may not leave it out.
void touch(const std::byte* pixels, std::size_t bytes) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at + sizeof sum <= bytes; at += sizeof sum) {
        std::uint64_t word;
        std::memcpy(&word, pixels + at, sizeof word);
        sum += word;
    }
    for (std::size_t at = bytes / sizeof sum * sizeof sum; at < bytes; ++at) {
        sum += static_cast<std::uint64_t>(pixels[at]);
    }
    asm volatile("" : : "r"(sum));
}

}  // namespace

void insist_on_frame(const host::FrameView& view, const proto::RingGeometry& geometry) {
    PF_INSIST(view.pixels() != nullptr);
    PF_INSIST(view.width == geometry.width && view.height == geometry.height);
    PF_INSIST(view.pitch_bytes() == geometry.pitch_bytes);
    PF_INSIST(static_cast<std::uint32_t>(view.format) == geometry.dxgi_format);
    PF_INSIST(std::uint64_t{view.pitch_bytes()} * view.height <= geometry.slot_bytes);
    PF_INSIST(!view.damage.empty() && view.damage.size() <= proto::kMaxDamageRects);
    PF_INSIST(!view.full_damage || view.damage.size() == 1);
    for (const proto::DamageRect& rect : view.damage) {
        PF_INSIST(rect.width > 0 && rect.x < view.width && rect.width <= view.width - rect.x);
        PF_INSIST(rect.height > 0 && rect.y < view.height && rect.height <= view.height - rect.y);
    }
    for (const std::int64_t told_ns : {view.times.present_ns, view.times.claimed_ns,
                                       view.times.filled_ns, view.times.published_ns}) {
        PF_INSIST(told_ns >= 0 && told_ns <= view.times.noticed_ns);
    }
    PF_INSIST(view.times.noticed_ns <= view.times.leased_ns);
    touch(view.pixels(), std::size_t{view.pitch_bytes()} * view.height);
}

void insist_on_cursor(const host::Cursor& cursor) {
    if (cursor.shape == nullptr) {
        return;
    }
    const host::CursorShape& shape = *cursor.shape;
    PF_INSIST(shape.width <= proto::kCursorMaxDimension);
    PF_INSIST(shape.height <= proto::kCursorMaxDimension);
    PF_INSIST(shape.pixels.size() == std::size_t{shape.width} * shape.height);
    PF_INSIST(shape.hot_x == 0 || shape.hot_x < shape.width);
    PF_INSIST(shape.hot_y == 0 || shape.hot_y < shape.height);
    touch(reinterpret_cast<const std::byte*>(shape.pixels.data()), shape.pixels.size() * 4);
}

LiedToReader::LiedToReader(std::shared_ptr<host::RingReader> reader, std::uint64_t seed)
    : reader_(std::move(reader)),
      position_(host::RingReader::new_position().value()),
      dice_(seed) {}

void LiedToReader::step() {
    switch (dice_.below(16)) {
        case 0: {
            const auto limit_ns = static_cast<std::int64_t>(dice_.below(50'000));
            reader_->wait(position_, nullptr, os::deadline_after(limit_ns));
            break;
        }
        case 1: (void)reader_->driver_words(); break;
        case 2: reader_->interrupt(); break;
        case 3:
            if (!held_.empty()) {
                held_.push_back(held_[dice_.below(static_cast<std::uint32_t>(held_.size()))]);
            }
            break;
        default: take(); break;
    }
    while (held_.size() > dice_.below(kMaxHeld)) {
        held_.erase(held_.begin() + dice_.below(static_cast<std::uint32_t>(held_.size())));
    }
}

void LiedToReader::take() {
    host::Frame frame;
    if (reader_->take(position_, frame) != host::Take::frame) {
        return;
    }
    const host::FrameView& view = frame.view();
    PF_INSIST(view.target_id == reader_->ring().target_id());
    PF_INSIST(view.generation == reader_->ring().generation());
    insist_on_frame(view, reader_->ring().geometry());
    held_.push_back(std::move(frame));
    // One that was held for long must still be there.
    insist_on_frame(held_.front().view(), reader_->ring().geometry());
}

}  // namespace pf::hostile
