#include "section_liar.hpp"

#include <pf/os/clock.hpp>
#include <pf/proto/cursor.hpp>
#include <pf/proto/shared_access.hpp>
#include <pf/proto/validate.hpp>

namespace pf::hostile {
namespace {

using proto::store_relaxed;
using proto::store_release;

std::uint64_t rewrite_word(std::span<std::byte> section, Dice& dice, std::uint32_t value) {
    if (section.size() < sizeof value) {
        return 0;
    }
    const auto words = static_cast<std::uint32_t>(section.size() / sizeof value);
    store_relaxed(reinterpret_cast<std::uint32_t*>(section.data())[dice.below(words)], value);
    return 1;
}

// One that the host follows, one that it must not believe, or a switch.
std::uint64_t a_source_size(Dice& dice) {
    switch (dice.below(4)) {
        case 0: return dice.long_number();
        case 1: return proto::kSourceSwitchedOff;
        case 2: return proto::kSourceUnknown;
        default: return proto::pack_source_size(dice.below(600), dice.below(600));
    }
}

std::uint64_t a_time(Dice& dice) {
    return dice.one_in(4) ? dice.long_number() : os::now_ticks() + dice.below(2000) - 1000;
}

}  // namespace

proto::SharedHeaderV3& RingLiar::header() const {
    return *reinterpret_cast<proto::SharedHeaderV3*>(ring_.header.data());
}

proto::MemoryRing& RingLiar::shared() const {
    return *reinterpret_cast<proto::MemoryRing*>(ring_.header.data() + proto::kExtensionOffset);
}

void RingLiar::open() {
    store_relaxed(header().capabilities, proto::kCapabilityRingHealth);
    store_relaxed(header().health_state, proto::kHealthActive);
    store_relaxed(shared().writer.heartbeat_ticks, os::now_ticks());
    store_release(header().base.base.driver_status, proto::kDriverStatusOpened);
}

std::uint64_t RingLiar::lie() {
    switch (dice_.below(8)) {
        case 0: return rewrite_any();
        case 1: return rewrite_pixels();
        case 2: return rewrite_health();
        case 3: {
            const proto::FrameToken token{dice_.number(), dice_.number(),
                                          static_cast<std::uint8_t>(dice_.below(256))};
            store_release(header().base.base.latest, token.pack());
            return 1;
        }
        default: return publish();
    }
}

// A frame as an honest driver would tell of it, but for what the dice change.
std::uint64_t RingLiar::publish() {
    // A leap back would leave the reader with nothing new for long.
    seq_ += dice_.one_in(256) ? dice_.number() >> 1 : 1;
    const auto slot =
        static_cast<std::uint8_t>(dice_.one_in(32) ? dice_.below(256) : dice_.below(6));
    proto::SlotRecord& record = shared().records[slot % proto::kRingLen];
    store_relaxed(record.state, dice_.one_in(16) ? dice_.number() : proto::kSlotPublished);
    store_relaxed(record.seq, dice_.one_in(16) ? dice_.number() : seq_);
    store_relaxed(record.flags, dice_.one_in(4) ? dice_.number() : 0);
    const std::uint32_t count = dice_.one_in(16) ? dice_.number() : dice_.below(17);
    store_relaxed(record.damage_count, count);
    store_relaxed(record.damage_base_seq, dice_.one_in(8) ? dice_.number() : seq_ - 1);
    store_relaxed(record.source_sequence, dice_.long_number());
    store_relaxed(record.present_ticks, a_time(dice_));
    store_relaxed(record.published_ticks, a_time(dice_));
    std::uint64_t words = 9;
    for (std::uint32_t i = 0; i < proto::kMaxDamageRects && i < count; ++i, words += 4) {
        proto::DamageRect& rect = record.damage[i];
        store_relaxed(rect.x, dice_.number());
        store_relaxed(rect.y, dice_.number());
        store_relaxed(rect.width, dice_.number());
        store_relaxed(rect.height, dice_.number());
    }
    const std::uint32_t generation = dice_.one_in(32) ? dice_.number() : ring_.generation;
    store_release(header().base.base.latest, proto::FrameToken{generation, seq_, slot}.pack());
    return words;
}

std::uint64_t RingLiar::rewrite_pixels() {
    const auto& slot = ring_.slots[dice_.below(proto::kRingLen)];
    return rewrite_word(slot, dice_, dice_.number());
}

std::uint64_t RingLiar::rewrite_health() {
    switch (dice_.below(7)) {
        case 0: store_relaxed(header().base.base.driver_status, dice_.number()); break;
        case 1: store_relaxed(header().base.base.driver_status_detail, dice_.number()); break;
        case 2: store_relaxed(header().health_state, dice_.number()); break;
        case 3: store_relaxed(shared().writer.heartbeat_ticks, dice_.long_number()); break;
        case 4: store_relaxed(header().base.drain_heartbeat_qpc, dice_.long_number()); break;
        case 5: store_relaxed(shared().writer.source_size, a_source_size(dice_)); break;
        default: store_relaxed(shared().writer.dropped_total, dice_.long_number()); break;
    }
    return 1;
}

// Also what is the host's to write: its own words, the geometry, the magic.
std::uint64_t RingLiar::rewrite_any() {
    const bool extension = dice_.one_in(2);
    return rewrite_word(extension
                            ? ring_.header.subspan(proto::kExtensionOffset, proto::kExtensionBytes)
                            : ring_.header,
                        dice_, dice_.number());
}

std::uint64_t CursorLiar::lie() {
    if (dice_.one_in(4)) {
        return rewrite_word(section_.first(dice_.one_in(2) ? 64 : section_.size()), dice_,
                            dice_.number());
    }
    return write_state();
}

// As a driver writes, but for what the dice change; often it ends odd, so that nobody reads it.
std::uint64_t CursorLiar::write_state() {
    auto& shared = *reinterpret_cast<proto::CursorShm*>(section_.data());
    const auto any = [&](std::uint32_t limit) {
        return dice_.one_in(8) ? dice_.number() : dice_.below(limit);
    };
    const std::uint32_t seq = dice_.one_in(16) ? dice_.number() : 2 * dice_.below(1 << 20) + 2;
    store_relaxed(shared.seq, seq | 1U);
    store_relaxed(shared.visible, any(2));
    store_relaxed(shared.cursor_type, any(4));
    store_relaxed(shared.x, static_cast<std::int32_t>(dice_.number()));
    store_relaxed(shared.y, static_cast<std::int32_t>(dice_.number()));
    store_relaxed(shared.shape_id, any(64));
    const std::uint32_t width = any(258);
    store_relaxed(shared.width, width);
    store_relaxed(shared.height, any(258));
    store_relaxed(shared.pitch, dice_.one_in(4) ? dice_.number() : width * 4);
    store_relaxed(shared.hot_x, any(300));
    store_relaxed(shared.hot_y, any(300));
    store_release(shared.seq, dice_.one_in(8) ? seq | 1U : seq & ~1U);
    return 12;
}

}  // namespace pf::hostile
