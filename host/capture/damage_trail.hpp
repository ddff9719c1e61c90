// What changed between two frames of a ring, put together from the records that are still there.
#pragma once

#include <cstdint>
#include <span>

#include <pf/damage/damage_rects.hpp>

namespace pf::host {

// All that changed after frame `last_seq` up to the one that `newest` is the record of: its own
// rectangles, and those of `others` (records of the same ring, in any order) where its base lies
// behind last_seq. Empty: they do not tell, everything may have changed. `any_taken`: last_seq is
// a frame. Records are checked copies, their rectangles clipped. Pure.
damage::DamageRects damage_since(std::uint32_t last_seq, bool any_taken,
                                 const proto::SlotRecord& newest,
                                 std::span<const proto::SlotRecord> others);

}  // namespace pf::host
