#include "capture/frame_ring.hpp"

#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::host {
namespace {

proto::RingGeometry geometry_of(const RingSpec& spec) {
    const auto format = static_cast<std::uint32_t>(spec.format);
    const std::uint32_t pitch_bytes = spec.width * proto::bytes_per_pixel(format);
    return {.width = spec.width,
            .height = spec.height,
            .dxgi_format = format,
            .ring_len = proto::kRingLen,
            .pitch_bytes = pitch_bytes,
            .slot_bytes = std::uint64_t{pitch_bytes} * spec.height};
}

}  // namespace

os::Result<std::unique_ptr<FrameRing>> FrameRing::create(const RingSpec& spec) {
    std::unique_ptr<FrameRing> ring(new FrameRing);
    ring->spec_ = spec;
    ring->geometry_ = geometry_of(spec);
    if (!proto::valid_geometry(ring->geometry_)) {
        return os::fail("create a frame ring", 0, os::Reaction::reject,
                        "no ring has this size or format");
    }
    auto header_region = os::Region::create(proto::kHeaderSectionBytes, "pf-ring-header");
    if (!header_region) {
        return tl::unexpected(header_region.error());
    }
    ring->header_region_ = std::move(*header_region);
    auto header = os::WritableMapping::map(ring->header_region_);
    if (!header) {
        return tl::unexpected(header.error());
    }
    ring->header_ = std::move(*header);
    auto event = os::Event::create();
    if (!event) {
        return tl::unexpected(event.error());
    }
    ring->event_ = std::move(*event);
    for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
        auto region = os::Region::create(ring->geometry_.slot_bytes, "pf-ring-slot");
        if (!region) {
            return tl::unexpected(region.error());
        }
        auto mapping = os::ReadOnlyMapping::map(*region);
        if (!mapping) {
            return tl::unexpected(mapping.error());
        }
        ring->slot_regions_[i] = std::move(*region);
        ring->slots_[i] = std::move(*mapping);
    }
    ring->write_header();
    return ring;
}

void FrameRing::write_header() {
    proto::RingExtension& extension = shared().extension;
    extension.version = proto::kExtensionVersion;
    extension.extension_bytes = proto::kExtensionBytes;
    extension.slot_count = geometry_.ring_len;
    extension.pitch_bytes = geometry_.pitch_bytes;
    extension.slot_bytes = geometry_.slot_bytes;
    extension.ticks_per_second = os::ticks_per_second();
    proto::store_release(extension.magic, proto::kExtensionMagic);

    proto::SharedHeaderV3& tails = header();
    proto::SharedHeader& base = tails.base.base;
    base.version = proto::kFrameVersionHealth;
    base.generation = spec_.generation;
    base.ring_len = geometry_.ring_len;
    base.width = geometry_.width;
    base.height = geometry_.height;
    base.dxgi_format = geometry_.dxgi_format;
    base.target_id = spec_.target_id;
    tails.host_capabilities = proto::kCapabilityRingHealth | proto::kCapabilitySourceTiming;
    // Last: whoever sees the magic sees everything above.
    proto::store_release(base.magic, proto::kMagic);
}

}  // namespace pf::host
