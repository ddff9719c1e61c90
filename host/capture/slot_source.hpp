// Where a ring's frames lie. Memory slots (ours) and GPU textures (Windows, keyed mutexes) differ
// only in how a slot is kept from the driver and how its pixels are reached; the reader does not
// know which it has. Calls are serialised by the reader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <pf/proto/ring_extension.hpp>

namespace pf::host {

enum class HoldResult {
    held,       // the slot has the frame asked for and stays as it is until let_go()
    moved_on,   // the driver is writing it, or it has another frame by now
    malformed,  // its record makes no sense
};

class SlotSource {
public:
    virtual ~SlotSource() = default;
    // Keeps the driver from writing `slot` and copies its record, checked, into `record`.
    virtual HoldResult hold(std::uint32_t slot, std::uint32_t seq, std::uint64_t noticed_ticks,
                            proto::SlotRecord& record) = 0;
    virtual void let_go(std::uint32_t slot) = 0;
    // Readable while held; null for a slot that is no memory.
    virtual const std::byte* pixels(std::uint32_t slot) const = 0;
};

}  // namespace pf::host
