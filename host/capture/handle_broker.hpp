// Gives shared objects to the driver's process and delivers their values. Until a delivery
// succeeds every value given is ours to take back, and is taken back on any failure.
#pragma once

#include <cstdint>
#include <vector>

#include <pf/os/shared_memory.hpp>

#include "capture/frame_ring.hpp"
#include "device/driver_connection.hpp"

namespace pf::host {

// The values of one delivery. One thread.
class HandleBatch {
public:
    explicit HandleBatch(DriverConnection& driver) : driver_(driver) {}
    HandleBatch(const HandleBatch&) = delete;
    ~HandleBatch();  // closes, in the driver's process, what was given and not dismissed

    os::Result<std::uint64_t> give(const os::Handle& handle, os::Right right);
    // The driver adopted them.
    void dismiss() { values_.clear(); }

private:
    DriverConnection& driver_;
    std::vector<std::uint64_t> values_;
};

// The driver has proven its identity by then (DriverConnection::add).
os::Result<os::Remark> deliver_ring(DriverConnection& driver, const FrameRing& ring);
os::Result<void> deliver_cursor(DriverConnection& driver, const os::Region& section,
                                std::uint32_t target_id);

}  // namespace pf::host
