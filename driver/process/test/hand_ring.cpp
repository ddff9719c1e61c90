#include "hand_ring.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::driver::test {

namespace {

template <typename T>
T expect(os::Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message();
        return {};
    }
    return std::move(*result);
}

}  // namespace

HandRing::HandRing(const RingPlan& plan) : plan_(plan) {
    header_region_ = expect(os::Region::create(proto::kHeaderSectionBytes, "test header"));
    header_ = expect(os::WritableMapping::map(header_region_));
    event_ = expect(os::Event::create());
    for (std::uint32_t i = 0; i < plan.ring_len; ++i) {
        slots_.push_back(expect(os::Region::create(slot_bytes(), "test slot")));
        pixels_.push_back(expect(os::ReadOnlyMapping::map(slots_.back())));
    }
    proto::RingExtension& extension = ring().extension;
    extension.magic = proto::kExtensionMagic;
    extension.version = proto::kExtensionVersion;
    extension.extension_bytes = proto::kExtensionBytes;
    extension.slot_count = plan.ring_len;
    extension.pitch_bytes = pitch_bytes();
    extension.slot_bytes = slot_bytes();
    extension.ticks_per_second = os::ticks_per_second();
    proto::SharedHeader& head = header().base.base;
    head.version = proto::kFrameVersionHealth;
    head.generation = plan.generation;
    head.ring_len = plan.ring_len;
    head.width = plan.width;
    head.height = plan.height;
    head.dxgi_format = plan.dxgi_format;
    head.target_id = plan.target_id;
    proto::store_release(head.magic, proto::kMagic);
}

std::uint32_t HandRing::pitch_bytes() const {
    return plan_.width * proto::bytes_per_pixel(plan_.dxgi_format) + plan_.padding_bytes;
}

proto::SharedHeaderV3& HandRing::header() {
    return *reinterpret_cast<proto::SharedHeaderV3*>(header_.bytes().data());
}

proto::MemoryRing& HandRing::ring() {
    return *reinterpret_cast<proto::MemoryRing*>(header_.bytes().data() + proto::kExtensionOffset);
}

std::shared_ptr<MappedRing> HandRing::for_driver(std::uint64_t id) const {
    auto mapped = std::make_shared<MappedRing>();
    mapped->id = id;
    mapped->header_region =
        expect(os::Region::adopt(expect(header_region_.handle().duplicate()), 1));
    mapped->header = expect(os::WritableMapping::map(mapped->header_region));
    mapped->event = expect(os::Event::adopt(expect(event_.handle().duplicate())));
    for (const os::Region& slot : slots_) {
        mapped->slot_regions.push_back(
            expect(os::Region::adopt(expect(slot.handle().duplicate()), 1)));
        mapped->slots.push_back(expect(os::WritableMapping::map(mapped->slot_regions.back())));
    }
    return mapped;
}

os::Result<proto::SetFrameChannelRequest> HandRing::give_to(os::DeviceChannel& channel) const {
    std::vector<os::Gift> gifts = {header_region_, event_};
    gifts.insert(gifts.end(), slots_.begin(), slots_.end());
    const auto values = channel.give_all(gifts, os::deadline_after(10 * os::kSecond));
    if (!values) {
        return tl::unexpected(values.error());
    }
    return delivery([next = values->begin()](const os::Handle&) mutable { return *next++; });
}

std::optional<HandRing::Taken> HandRing::take() {
    for (;;) {
        const auto token =
            proto::FrameToken::unpack(proto::load_acquire(header().base.base.latest));
        if (proto::check_token(token, plan_.generation, plan_.ring_len, last_seq_, any_taken_) !=
            proto::TokenCheck::ok) {
            return std::nullopt;
        }
        proto::store_relaxed(ring().leases[token.slot].held, 1);
        proto::full_fence();
        proto::SlotRecord& record = ring().records[token.slot];
        if (proto::load_acquire(record.state) == proto::kSlotPublished &&
            proto::load_relaxed(record.seq) == token.seq) {
            last_seq_ = token.seq;
            any_taken_ = true;
            return Taken{token.slot, record, pixels_[token.slot].bytes()};
        }
        proto::store_release(ring().leases[token.slot].held, 0);
    }
}

std::optional<HandRing::Taken> HandRing::wait_frame(std::int64_t deadline_ns) {
    for (;;) {
        proto::store_relaxed(ring().reader.waiting, 1);
        proto::full_fence();
        auto taken = take();
        if (!taken && os::wait({event_}, deadline_ns)) {
            continue;
        }
        proto::store_relaxed(ring().reader.waiting, 0);
        return taken;
    }
}

void HandRing::release(const Taken& taken) {
    proto::store_release(ring().leases[taken.slot].held, 0);
}

pattern::VerifyResult HandRing::verify(const Taken& taken) const {
    return pattern::verify(taken.pixels, pitch_bytes(), plan_.width, plan_.height,
                           proto::bytes_per_pixel(plan_.dxgi_format), plan_.target_id,
                           taken.record.source_sequence);
}

}  // namespace pf::driver::test
