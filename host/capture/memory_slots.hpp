// Slots of plain memory, kept from the driver by the hazard words of the ring extension.
#pragma once

#include "capture/frame_ring.hpp"
#include "capture/slot_source.hpp"

namespace pf::host {

class MemorySlots : public SlotSource {
public:
    explicit MemorySlots(const FrameRing& ring) : ring_(ring) {}  // the ring outlives this

    HoldResult hold(std::uint32_t slot, std::uint32_t seq, std::uint64_t noticed_ticks,
                    proto::SlotRecord& record) override;
    void let_go(std::uint32_t slot) override;
    bool peek(std::uint32_t slot, proto::SlotRecord& record) const override;
    std::variant<FrameMemory> content(std::uint32_t slot) const override;

private:
    const FrameRing& ring_;
};

}  // namespace pf::host
