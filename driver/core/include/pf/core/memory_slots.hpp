// Ring slots that are plain shared memory, handed over by the two words of ring_extension.hpp.
// Bounds come from the geometry and spans frozen at the attach, never from the shared words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/ring_slots.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

class MemorySlots final : public RingSlots {
public:
    MemorySlots();  // usable after open()

    // `ring` lies in the mapped header section, each of the geometry's ring_len `slots` has at
    // least pitch_bytes * height bytes, 8-aligned; all stay mapped until close(). Frees every slot.
    void open(proto::MemoryRing& ring, const proto::RingGeometry& geometry,
              const std::array<std::span<std::byte>, proto::kRingLen>& slots);
    void close();

    bool acquire(std::uint32_t slot) override;
    std::uint64_t fill(std::uint32_t slot, const Surface& surface,
                       const DamageRegion& region) override;
    void commit(std::uint32_t slot, const FrameRecord& record) override;
    void release(std::uint32_t slot) override;
    bool reader_waits() override;
    void report(const WriterTotals& totals) override;
    std::span<std::byte> pixels(std::uint32_t slot) override;

private:
    proto::MemoryRing* ring_ = nullptr;
    proto::RingGeometry geometry_{};
    std::array<std::span<std::byte>, proto::kRingLen> slots_{};
    std::array<std::uint32_t, proto::kRingLen> state_{};  // ours; the shared word only mirrors it
};

}  // namespace pf::core
