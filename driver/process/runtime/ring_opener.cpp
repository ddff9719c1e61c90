#include "ring_opener.hpp"

#include <algorithm>
#include <array>

#include <pf/proto/ring_extension.hpp>

namespace pf::driver {
namespace {

constexpr std::uint32_t kStatusInvalidHandle = 0xC0000008;  // ntstatus.h

// An object of no pages can claim any size; mapped, it takes addresses that the other monitors
// need. A slot need not be larger than the largest frame with the widest rows (valid_geometry).
constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxSlotBytes = (std::uint64_t{4} << 30) + (std::uint64_t{2} << 20);

std::uint32_t code_of(const os::Error& error) {
    return error.code != 0 ? static_cast<std::uint32_t>(error.code)
                           : proto::kStatusInvalidParameter;
}

void set_error(OpenedRing& opened, const char* what, const os::Error& error) {
    opened.error_code = code_of(error);
    opened.detail = std::string(what) + ": " + error.message();
}

// Region and mapping of one object; false with the error set.
bool open_memory(OpenedRing& opened, const char* what, os::Handle handle,
                 std::uint64_t minimum_bytes, std::uint64_t maximum_bytes, os::Region& region,
                 os::WritableMapping& mapping) {
    if (!handle) {
        opened.error_code = kStatusInvalidHandle;
        opened.detail = std::string(what) + ": its handle value was delivered twice";
        return false;
    }
    auto adopted = os::Region::adopt(std::move(handle), minimum_bytes);
    if (!adopted) {
        set_error(opened, what, adopted.error());
        return false;
    }
    if (adopted->size() > maximum_bytes) {
        opened.error_code = proto::kStatusInvalidParameter;
        opened.detail = std::string(what) + ": " + std::to_string(adopted->size()) +
                        " bytes are more than any frame needs";
        return false;
    }
    auto mapped = os::WritableMapping::map(*adopted);
    if (!mapped) {
        set_error(opened, what, mapped.error());
        return false;
    }
    region = std::move(*adopted);
    mapping = std::move(*mapped);
    return true;
}

bool open_slots(OpenedRing& opened, DeliveredHandles& handles, std::uint32_t ring_len) {
    MappedRing& ring = *opened.ring;
    ring.slot_regions.resize(ring_len);
    ring.slots.resize(ring_len);
    for (std::uint32_t i = 0; i < ring_len; ++i) {
        // The publisher holds the header's promise against the mapped size.
        if (!open_memory(opened, "slot", std::move(handles.slots[i]), 1, kMaxSlotBytes,
                         ring.slot_regions[i], ring.slots[i])) {
            return false;
        }
    }
    return true;
}

bool open_event(OpenedRing& opened, os::Handle handle) {
    auto event = os::Event::adopt(std::move(handle));
    if (!event) {
        set_error(opened, "event", event.error());
        return false;
    }
    opened.ring->event = std::move(*event);
    return true;
}

}  // namespace

DeliveredHandles take_delivered(HandleSource& source, core::Owner owner,
                                const core::RingDelivery& delivery) {
    DeliveredHandles handles;
    std::array<std::uint64_t, 8> taken{};
    std::size_t count = 0;
    // A value that is delivered twice has one handle.
    const auto take = [&](std::uint64_t value) {
        const bool again =
            std::find(taken.begin(), taken.begin() + count, value) != taken.begin() + count;
        taken[count++] = value;
        return again ? os::Handle() : source.take(owner, value);
    };
    handles.header = take(delivery.header);
    handles.event = take(delivery.event);
    for (std::size_t i = 0; i < delivery.slots.size(); ++i) {
        handles.slots[i] = take(delivery.slots[i]);
    }
    return handles;
}

OpenedRing open_ring(DeliveredHandles handles, const core::RingDelivery& delivery) {
    OpenedRing opened;
    auto ring = std::make_shared<MappedRing>();
    if (!open_memory(opened, "header", std::move(handles.header), sizeof(proto::SharedHeader),
                     kMaxHeaderBytes, ring->header_region, ring->header)) {
        return opened;
    }
    opened.ring = std::move(ring);
    const std::uint64_t needed =
        std::max<std::uint64_t>(delivery.header_bytes, proto::kHeaderSectionBytes);
    if (opened.ring->header_region.size() < needed) {
        opened.error_code = proto::kStatusBufferTooSmall;
        opened.detail = "header: " + std::to_string(opened.ring->header_region.size()) +
                        " bytes do not hold the memory-slot extension";
        return opened;
    }
    const auto ring_len = std::min<std::uint32_t>(delivery.ring_len,
                                                  static_cast<std::uint32_t>(handles.slots.size()));
    if (open_event(opened, std::move(handles.event))) {
        open_slots(opened, handles, ring_len);
    }
    return opened;
}

}  // namespace pf::driver
