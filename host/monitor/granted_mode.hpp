// Sets a mode as exactly as a driver can: with its rate in millihertz where the driver takes that,
// else in whole hertz. Any thread, as DriverConnection.
#pragma once

#include <pf/host/mode.hpp>

#include "device/driver_connection.hpp"

namespace pf::host {

// `mode` comes in as asked for, and goes out as granted. `request` has its other fields filled in.
// Errors: those of DriverConnection::add().
os::Result<proto::AddReply> add_granted(DriverConnection& driver, proto::AddRequest request,
                                        Mode& mode, const StopSignal* stop = nullptr);

// The same for a monitor that is there. Errors: those of DriverConnection::update_modes().
os::Result<void> update_granted(DriverConnection& driver, std::uint64_t session_id, Mode& mode,
                                const StopSignal* stop = nullptr);

}  // namespace pf::host
