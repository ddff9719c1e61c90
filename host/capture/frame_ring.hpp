// One ring's shared memory as the host makes it: the header section, the wake event, the slots.
// Every ring is made of fresh memory, so nothing of an older ring or another monitor can show
// through. Owned by a RingReader; the frames on loan keep it alive.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <pf/host/frame.hpp>
#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>
#include <pf/proto/validate.hpp>

namespace pf::host {

struct RingSpec {
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    PixelFormat format = PixelFormat::bgra8;
    std::uint32_t target_id = 0;
    std::uint32_t generation = 0;  // 1..kMaxGeneration
};

class FrameRing {
public:
    static os::Result<std::unique_ptr<FrameRing>> create(const RingSpec& spec);

    // Ours, from the day the ring was made; never read back from shared memory.
    const proto::RingGeometry& geometry() const { return geometry_; }
    std::uint32_t generation() const { return spec_.generation; }
    std::uint32_t target_id() const { return spec_.target_id; }

    // What gets delivered.
    const os::Region& header_region() const { return header_region_; }
    const os::Event& event() const { return event_; }
    const os::Region& slot_region(std::uint32_t slot) const { return slot_regions_[slot]; }
    // After the delivery nobody else is given the header.
    void drop_header_region() { header_region_ = {}; }

    proto::SharedHeaderV3& header() const {
        return *reinterpret_cast<proto::SharedHeaderV3*>(header_.bytes().data());
    }
    proto::MemoryRing& shared() const {
        return *reinterpret_cast<proto::MemoryRing*>(header_.bytes().data() +
                                                     proto::kExtensionOffset);
    }
    std::span<const std::byte> pixels(std::uint32_t slot) const {
        return slots_[slot].bytes().first(std::size_t{geometry_.pitch_bytes} * geometry_.height);
    }

private:
    FrameRing() = default;
    void write_header();

    RingSpec spec_;
    proto::RingGeometry geometry_{};
    os::Region header_region_;
    os::WritableMapping header_;
    os::Event event_;
    std::array<os::Region, proto::kRingLen> slot_regions_;
    std::array<os::ReadOnlyMapping, proto::kRingLen> slots_;
};

}  // namespace pf::host
