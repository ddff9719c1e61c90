// What the driver's status words say about a delivered ring. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace pf::host {

enum class AttachState { waiting, opened, failed };

AttachState attach_state(std::uint32_t driver_status);

// One line for people: what happened and what to do. `reason` is the driver's own, empty when it
// gave none.
std::string attach_failure(std::uint32_t driver_status, std::uint32_t detail,
                           const std::string& reason = {});
// The same when the time ran out while waiting.
std::string attach_timeout(std::uint32_t detail);

// Why an opened ring has had no frame; empty when the driver tells nothing.
std::string why_no_frame(std::uint32_t detail);

// Frames come, and every one of them has another size or format than the ring.
bool every_frame_mismatched(std::uint32_t detail);

}  // namespace pf::host
