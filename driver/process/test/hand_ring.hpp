// A host's side of one ring, built by hand from the contract alone, for tests of the driver
// process. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <pf/os/device_channel.hpp>
#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>
#include <pf/pattern/stamp.hpp>
#include <pf/proto/shared_access.hpp>
#include <pf/proto/validate.hpp>

#include "process/output/monitor_output.hpp"

namespace pf::driver::test {

struct RingPlan {
    std::uint32_t target_id = 1;
    std::uint32_t width = 64;
    std::uint32_t height = 32;
    std::uint32_t dxgi_format = proto::kFormatBgra8;
    std::uint32_t generation = 1;
    std::uint32_t ring_len = proto::kRingLen;
    std::uint32_t padding_bytes = 64;  // of each row
};

class HandRing {
public:
    explicit HandRing(const RingPlan& plan);

    const RingPlan& plan() const { return plan_; }
    std::uint32_t pitch_bytes() const;
    std::uint64_t slot_bytes() const { return std::uint64_t{pitch_bytes()} * plan_.height; }
    proto::SharedHeaderV3& header();
    proto::MemoryRing& ring();
    const os::Region& header_region() const { return header_region_; }
    const os::Event& event() const { return event_; }
    const std::vector<os::Region>& slots() const { return slots_; }

    std::uint32_t status() { return proto::load_acquire(header().base.base.driver_status); }
    std::uint32_t detail() { return proto::load_acquire(header().base.base.driver_status_detail); }

    // As the driver's process would hold it, in this process.
    std::shared_ptr<MappedRing> for_driver(std::uint64_t id = 1) const;
    // Delivers what `give(object)`, called for the header, the event and each slot in this order,
    // names by a value.
    template <typename Give>
    proto::SetFrameChannelRequest delivery(Give give) const;
    // Gives every object; the request delivers them.
    os::Result<proto::SetFrameChannelRequest> give_to(os::DeviceChannel& channel) const;

    struct Taken {
        std::uint32_t slot;
        proto::SlotRecord record;
        std::span<const std::byte> pixels;
    };
    // Leases the newest frame that was not taken before. Release it before the next.
    std::optional<Taken> take();
    // Waits for one, as a reader that announces that it waits.
    std::optional<Taken> wait_frame(std::int64_t deadline_ns);
    void release(const Taken& taken);
    pattern::VerifyResult verify(const Taken& taken) const;

private:
    RingPlan plan_;
    os::Region header_region_;
    os::WritableMapping header_;
    os::Event event_;
    std::vector<os::Region> slots_;
    std::vector<os::ReadOnlyMapping> pixels_;
    std::uint32_t last_seq_ = 0;
    bool any_taken_ = false;
};

template <typename Give>
proto::SetFrameChannelRequest HandRing::delivery(Give give) const {
    proto::SetFrameChannelRequest request{};
    request.target_id = plan_.target_id;
    request.generation = plan_.generation;
    request.ring_len = plan_.ring_len;
    request.header_bytes = proto::kHeaderSectionBytes;
    request.header_handle = give(header_region_.handle());
    request.event_handle = give(event_.handle());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        request.texture_handles[i] = give(slots_[i].handle());
    }
    return request;
}

}  // namespace pf::driver::test
