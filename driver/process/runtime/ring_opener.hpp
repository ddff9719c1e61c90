// Turns the handles of a delivery into mapped memory: everything is adopted and size-checked
// before the first access. Stateless; control thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <pf/core/adapter.hpp>

#include "handle_source.hpp"
#include "process/output/monitor_output.hpp"

namespace pf::driver {

// A delivery's handles, out of their source: ours to close, entries past ring_len included.
struct DeliveredHandles {
    os::Handle header;
    os::Handle event;
    std::array<os::Handle, 6> slots;
};

DeliveredHandles take_delivered(HandleSource& source, core::Owner owner,
                                const core::RingDelivery& delivery);

struct OpenedRing {
    // Null: not even the header could be mapped, the host cannot be told. Otherwise with a mapped
    // header, and complete if and only if error_code is 0.
    std::shared_ptr<MappedRing> ring;
    std::uint32_t error_code = 0;  // for SharedHeader::driver_status_detail: an errno or NTSTATUS
    std::string detail;            // for people; empty without an error
};

OpenedRing open_ring(DeliveredHandles handles, const core::RingDelivery& delivery);

}  // namespace pf::driver
