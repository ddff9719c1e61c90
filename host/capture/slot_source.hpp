// Where a ring's frames lie. Memory slots (ours) and GPU textures (Windows, keyed mutexes) differ
// only in how a slot is kept from the driver and what its frames are; the reader does not
// know which it has. Calls are serialised by the reader.
#pragma once

#include <cstdint>
#include <variant>

#include <pf/host/frame.hpp>
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
    // Copies the record of a slot that is not held, checked. False: the driver is at it, has no
    // frame in it, or the record makes no sense.
    virtual bool peek(std::uint32_t slot, proto::SlotRecord& record) const = 0;
    // What a frame in `slot` is to a consumer; to be used while held.
    virtual std::variant<FrameMemory> content(std::uint32_t slot) const = 0;
};

}  // namespace pf::host
