// Gives shared objects to the driver's process and delivers their values.
#pragma once

#include <span>

#include <pf/os/flag.hpp>
#include <pf/os/shared_memory.hpp>

#include "capture/frame_ring.hpp"
#include "device/driver_connection.hpp"

namespace pf::host {

// What became of a delivery decides over the values in it.
enum class Delivery {
    adopted,  // they are the driver's
    refused,  // they are still ours, and are taken back
    // No answer came: the driver may have adopted them, closed them, and use the same numbers for
    // handles of its own by now. They are left alone; the end of the process or of the connection
    // ends them.
    unknown,
};
Delivery outcome_of(const os::Result<os::Remark>& delivered);

// The driver has proven its identity by then (DriverConnection::add). `cancel` ends the wait for
// its answer when it is set; null: nothing does.
os::Result<os::Remark> deliver_ring(DriverConnection& driver, const FrameRing& ring,
                                    const StopSignal* stop = nullptr);
os::Result<os::Remark> deliver_cursor(DriverConnection& driver, const os::Region& section,
                                      std::uint32_t target_id, const StopSignal* stop = nullptr);

}  // namespace pf::host
