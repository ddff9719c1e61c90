// What a host would deliver, in plain memory, for the tests. The accessors are the host's view.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include <pf/core/copy_rects.hpp>
#include <pf/core/frame_publisher.hpp>
#include <pf/core/memory_slots.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::core {

struct FakeRing {
    struct alignas(4096) Page {
        std::byte bytes[4096];
    };

    explicit FakeRing(std::uint32_t width = 64, std::uint32_t height = 32,
                      std::uint32_t ring_len = proto::kRingLen, std::uint32_t pitch = 0)
        : header_pages(2) {
        pitch = pitch != 0 ? pitch : width * 4;
        proto::RingExtension& extension = ring().extension;
        extension.magic = proto::kExtensionMagic;
        extension.version = proto::kExtensionVersion;
        extension.extension_bytes = proto::kExtensionBytes;
        extension.slot_count = ring_len;
        extension.pitch_bytes = pitch;
        extension.slot_bytes = std::uint64_t{pitch} * height;
        proto::SharedHeader& h = header();
        h.version = proto::kFrameVersionHealth;
        h.generation = 1;
        h.ring_len = ring_len;
        h.width = width;
        h.height = height;
        h.dxgi_format = proto::kFormatBgra8;
        h.target_id = kTarget;
        h.magic = proto::kMagic;
        for (std::uint32_t i = 0; i < ring_len; ++i) {
            slots[i].resize(extension.slot_bytes / 8 + 1);
        }
    }

    static constexpr std::uint32_t kTarget = 7;

    proto::SharedHeader& header() { return tails().base.base; }
    proto::SharedHeaderV3& tails() {
        return *reinterpret_cast<proto::SharedHeaderV3*>(header_pages.data());
    }
    proto::MemoryRing& ring() { return *reinterpret_cast<proto::MemoryRing*>(&header_pages[1]); }
    std::byte* pixels(std::uint32_t slot) {
        return reinterpret_cast<std::byte*>(slots[slot].data());
    }
    RingMemory memory() {
        RingMemory memory;
        memory.header = {header_pages[0].bytes, header_pages.size() * sizeof(Page)};
        memory.ring_len = header().ring_len;
        memory.generation = header().generation;
        for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
            memory.slots[i] = {pixels(i), slots[i].size() * 8};
        }
        return memory;
    }
    proto::FrameToken latest() { return proto::FrameToken::unpack(header().latest); }

    std::vector<Page> header_pages;
    std::array<std::vector<std::uint64_t>, proto::kRingLen> slots;
};

// A source's own picture, tight rows of 4-byte pixels.
struct Picture {
    Picture(std::uint32_t w, std::uint32_t h) : width(w), height(h), pixels(std::size_t{w} * h) {}

    void paint(const proto::DamageRect& rect, std::uint32_t value) {
        for (std::uint32_t y = rect.y; y < rect.y + rect.height; ++y) {
            for (std::uint32_t x = rect.x; x < rect.x + rect.width; ++x) {
                pixels[std::size_t{y} * width + x] = value;
            }
        }
    }
    Surface surface() const {
        return {reinterpret_cast<const std::byte*>(pixels.data()), width, height, width * 4,
                proto::kFormatBgra8};
    }
    bool equals(const std::byte* slot, std::uint32_t pitch_bytes) const {
        for (std::uint32_t y = 0; y < height; ++y) {
            if (std::memcmp(slot + std::size_t{y} * pitch_bytes, &pixels[std::size_t{y} * width],
                            std::size_t{width} * 4) != 0) {
                return false;
            }
        }
        return true;
    }

    std::uint32_t width;
    std::uint32_t height;
    std::vector<std::uint32_t> pixels;
};

inline PublisherConfig fake_config(std::uint32_t protocol_version = 6) {
    return {FakeRing::kTarget, 0x1234, -2, protocol_version};
}

struct CountingWaker final : Waker {
    void wake() override { ++count; }
    int count = 0;
};

// A shell: it keeps every ring's slots, since claims of old rings may be around.
struct FakeShell {
    explicit FakeShell(const PublisherConfig& config = fake_config()) : publisher(config) {}

    proto::AttachCheck attach(const RingMemory& memory, std::uint64_t now_ticks) {
        slots.push_back(std::make_unique<MemorySlots>());
        return attach_memory(publisher, *slots.back(), memory, waker, now_ticks);
    }
    proto::AttachCheck attach_failed(const RingMemory& memory, std::uint32_t error_code) {
        return publisher.attach_failed(RingHeader::read(memory.header), memory.generation,
                                       error_code);
    }
    // A frame of the surface. False: dropped.
    bool show(const Surface& surface, const FrameInfo& info, std::uint64_t filled_ticks = 30,
              std::uint64_t now_ticks = 40) {
        auto claim = publisher.claim(info, 10);
        if (!claim) {
            return false;
        }
        claim->fill(surface)->finish();
        return publisher.publish(std::move(*claim), filled_ticks, now_ticks);
    }

    CountingWaker waker;
    std::vector<std::unique_ptr<MemorySlots>> slots;
    FramePublisher publisher;
};

}  // namespace pf::core
