// A driver that lies to the host: tokens, records, damage, health and the cursor section are
// rewritten between any two steps of two readers that share a ring. Whatever is handed out must
// lie inside the ring that the host itself made, be newer than what that reader had, and not move
// while it is held.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/proto/validate.hpp>

#include "byte_source.hpp"
#include "capture/cursor_reader.hpp"
#include "capture/ring_reader.hpp"
#include "require.hpp"

namespace pf::fuzz {

namespace {

constexpr host::RingSpec kSpec{.width = 37, .height = 11, .target_id = 5, .generation = 9};
constexpr std::size_t kMaxHeld = 12;

// A token that an honest driver could have written, or nearly.
std::uint64_t token(ByteSource& source, std::uint32_t seq) {
    const std::uint32_t generation = source.below(8) == 0 ? source.number() : kSpec.generation;
    const auto slot = static_cast<std::uint8_t>(source.below(8));
    return proto::FrameToken{generation, seq, slot}.pack();
}

class LyingDriver {
public:
    explicit LyingDriver(const host::FrameRing& ring) : ring_(ring) {}

    void step(ByteSource& source) {
        switch (source.below(3)) {
            case 0: publish(source); break;
            case 1: ring_.header().base.base.latest = token(source, source.number()); break;
            default: rewrite(source); break;
        }
    }

private:
    void publish(ByteSource& source) {
        seq_ += source.below(8) == 0 ? source.number() : 1;
        const std::uint64_t word = token(source, seq_);
        proto::SlotRecord& record =
            ring_.shared().records[proto::FrameToken::unpack(word).slot % proto::kRingLen];
        record.state = source.below(8) == 0 ? source.below(4) : proto::kSlotPublished;
        record.seq = seq_;
        record.flags = source.below(4);
        record.damage_count = source.below(20);
        record.damage_base_seq = seq_ - source.below(3);
        for (proto::DamageRect& rect : record.damage) {
            rect = {source.number(), source.number(), source.number(), source.number()};
        }
        record.published_ticks = source.flag() ? 1 : source.take<std::uint64_t>();
        ring_.header().base.base.latest = word;
    }

    void rewrite(ByteSource& source) {
        const std::size_t where =
            source.flag() ? source.below(40) * 4U
                          : proto::kExtensionOffset +
                                source.take<std::uint16_t>() % proto::kExtensionBytes / 4 * 4U;
        const std::uint32_t value = source.number();
        std::memcpy(reinterpret_cast<std::byte*>(&ring_.header()) + where, &value, sizeof value);
    }

    const host::FrameRing& ring_;
    std::uint32_t seq_ = 0;
};

void require_inside_frame(const host::FrameView& view) {
    PF_REQUIRE(!view.damage.empty() && view.damage.size() <= proto::kMaxDamageRects);
    PF_REQUIRE(!view.full_damage || view.damage.size() == 1);
    for (const proto::DamageRect& rect : view.damage) {
        PF_REQUIRE(rect.width > 0 && rect.x < view.width && rect.width <= view.width - rect.x);
        PF_REQUIRE(rect.height > 0 && rect.y < view.height && rect.height <= view.height - rect.y);
    }
}

void require_own_ring(const host::FrameView& view) {
    PF_REQUIRE(view.width == kSpec.width && view.height == kSpec.height);
    PF_REQUIRE(view.target_id == kSpec.target_id && view.generation == kSpec.generation);
    PF_REQUIRE(view.pitch_bytes() == kSpec.width * 4);
    PF_REQUIRE(view.times.published_ns <= view.times.noticed_ns);
    PF_REQUIRE(view.times.noticed_ns <= view.times.leased_ns);
    unsigned sum = 0;
    for (std::size_t i = 0; i < std::size_t{view.pitch_bytes()} * view.height; ++i) {
        sum += static_cast<unsigned>(view.pixels()[i]);
    }
    PF_REQUIRE(sum == 0);  // nobody drew
}

class Consumer {
public:
    explicit Consumer(std::shared_ptr<host::RingReader> reader)
        : reader_(std::move(reader)), position_(*host::RingReader::new_position()) {}

    void step(ByteSource& source) {
        switch (source.below(8)) {
            case 0: reader_->wait(position_, nullptr, os::now_ns()); break;
            case 1: (void)reader_->driver_words(); break;
            case 2: reader_->interrupt(); break;
            case 3:
                if (!held_.empty()) {
                    held_.erase(held_.begin() +
                                source.below(static_cast<std::uint32_t>(held_.size())));
                }
                break;
            default: take(); break;
        }
    }

private:
    void take() {
        const bool had_one = position_.any_taken;
        const std::uint32_t last = position_.last_seq;
        host::Frame frame;
        if (reader_->take(position_, frame) != host::Take::frame) {
            PF_REQUIRE(!frame);
            return;
        }
        const host::FrameView& view = frame.view();
        PF_REQUIRE(!had_one || static_cast<std::int32_t>(view.seq - last) > 0);
        require_own_ring(view);
        require_inside_frame(view);
        if (held_.size() == kMaxHeld) {
            held_.clear();
        }
        held_.push_back(frame);
    }

    std::shared_ptr<host::RingReader> reader_;
    host::ReadPosition position_;
    std::vector<host::Frame> held_;
};

void frames(ByteSource& source) {
    auto reader = *host::RingReader::create(*host::FrameRing::create(kSpec));
    LyingDriver driver(reader->ring());
    std::array<Consumer, 2> consumers{Consumer(reader), Consumer(reader)};
    while (!source.empty()) {
        driver.step(source);
        consumers[source.below(2)].step(source);
    }
}

void cursor(ByteSource& source) {
    const auto reader = *host::CursorReader::create();
    const auto mapping = *os::WritableMapping::map(reader->region());
    auto& shared = *reinterpret_cast<proto::CursorShm*>(mapping.bytes().data());
    while (!source.empty()) {
        shared = {proto::kCursorMagic,
                  source.below(8),
                  source.below(3),
                  source.below(4),
                  -1,
                  2,
                  source.below(4),
                  source.number(),
                  source.number(),
                  source.number(),
                  source.number(),
                  source.number(),
                  {}};
        const auto now = reader->read();
        PF_REQUIRE(!now || shared.seq % 2 == 0);
        if (now && now->shape) {
            PF_REQUIRE(now->shape->width <= proto::kCursorMaxDimension);
            PF_REQUIRE(now->shape->height <= proto::kCursorMaxDimension);
            PF_REQUIRE(now->shape->pixels.size() ==
                       std::size_t{now->shape->width} * now->shape->height);
        }
    }
}

}  // namespace

}  // namespace pf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    pf::fuzz::ByteSource source(data, size);
    if (source.below(8) == 0) {
        pf::fuzz::cursor(source);
    } else {
        pf::fuzz::frames(source);
    }
    return 0;
}
