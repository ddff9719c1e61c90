// A ring with both of its ends in this process: the host's reader and driver core's publisher.
#pragma once

#include <cstring>
#include <memory>

#include <pf/core/frame_publisher.hpp>
#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

#include "capture/ring_reader.hpp"

namespace pf::host::test {

struct RingPair {
    explicit RingPair(std::uint32_t width = 64, std::uint32_t height = 16,
                      std::uint32_t generation = 5)
        : publisher({.target_id = 3, .luid_low = 1, .luid_high = 0}) {
        auto ring = FrameRing::create({.width = width,
                                       .height = height,
                                       .format = PixelFormat::bgra8,
                                       .target_id = 3,
                                       .generation = generation})
                        .value();
        header = os::WritableMapping::map(ring->header_region()).value();
        memory.header = header.bytes();
        memory.ring_len = proto::kRingLen;
        memory.generation = generation;
        for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
            slots[i] = os::WritableMapping::map(ring->slot_region(i)).value();
            memory.slots[i] = slots[i].bytes();
        }
        ring->drop_header_region();
        reader = RingReader::create(std::move(ring)).value();
    }

    proto::AttachCheck attach() { return publisher.attach(memory, os::now_ticks()); }

    // One frame whose every byte is `value`. False: dropped. True in `woke`: signal the host.
    bool publish(int value, core::DamageRegion damage = core::DamageRegion::full(),
                 bool* woke = nullptr) {
        const auto claim = publisher.claim(os::now_ticks());
        if (!claim) {
            return false;
        }
        std::memset(claim->pixels.data(), value, claim->pixels.size());
        core::FrameInfo info;
        info.source_sequence = ++sequence;
        info.present_ticks = os::now_ticks();
        info.damage = damage;
        const std::uint64_t filled_ticks = os::now_ticks();
        const bool wake = publisher.publish(*claim, info, filled_ticks, os::now_ticks());
        if (woke != nullptr) {
            *woke = wake;
        }
        if (wake) {
            reader->ring().event().signal();
        }
        return true;
    }

    // A picture in tight rows of BGRA, of which `damage` changed since the last call.
    bool publish_picture(std::span<const std::uint32_t> pixels, const core::DamageRegion& damage) {
        const auto claim = publisher.claim(os::now_ticks());
        if (!claim) {
            return false;
        }
        const proto::RingGeometry& ring = publisher.geometry();
        const core::FrameInfo info{++sequence, os::now_ticks(), damage};
        publisher.fill(*claim,
                       {std::as_bytes(pixels).data(), ring.width, ring.height, ring.width * 4,
                        ring.dxgi_format},
                       info);
        publisher.publish(*claim, info, os::now_ticks(), os::now_ticks());
        return true;
    }

    proto::FrameToken newest() {
        return proto::FrameToken::unpack(proto::load_acquire(shared_header().base.base.latest));
    }
    proto::SharedHeaderV3& shared_header() { return reader->ring().header(); }
    proto::MemoryRing& shared() { return reader->ring().shared(); }

    os::WritableMapping header;
    std::array<os::WritableMapping, proto::kRingLen> slots;
    core::RingMemory memory;
    core::FramePublisher publisher;
    std::shared_ptr<RingReader> reader;
    std::uint64_t sequence = 0;
};

inline int first_byte(const Frame& frame) {
    return std::to_integer<int>(frame.view().pixels()[0]);
}

inline bool uniform(const Frame& frame) {
    const FrameView& view = frame.view();
    const std::size_t bytes = std::size_t{view.pitch_bytes()} * view.height;
    return std::memcmp(view.pixels(), view.pixels() + 1, bytes - 1) == 0;
}

}  // namespace pf::host::test
