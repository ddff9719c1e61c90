#include <pf/core/frame_stash.hpp>

#include <new>
#include <utility>

#include <pf/core/copy_rects.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

namespace {

bool possible(const Surface& s) {
    const std::uint32_t pixel = proto::bytes_per_pixel(s.dxgi_format);
    return s.pixels != nullptr && pixel != 0 && proto::valid_mode(s.width, s.height, 1) &&
           s.pitch_bytes >= s.width * pixel;
}

bool same_shape(const Surface& a, const Surface& b) {
    return a.width == b.width && a.height == b.height && a.dxgi_format == b.dxgi_format;
}

}  // namespace

bool FrameStash::keep(const Surface& surface, const FrameInfo& info) {
    if (!possible(surface)) {
        clear();
        return false;
    }
    const std::uint32_t pixel = proto::bytes_per_pixel(surface.dxgi_format);
    DamageRegion changed = info.damage;
    if (empty() || !same_shape(surface, surface_)) {
        const std::uint32_t pitch = surface.width * pixel;
        clear();
        pixels_.reset(new (std::nothrow) std::byte[std::size_t{pitch} * surface.height]);
        if (empty()) {
            return false;
        }
        surface_ = {pixels_.get(), surface.width, surface.height, pitch, surface.dxgi_format};
        changed = DamageRegion::full();
    }
    copy_rects({pixels_.get(), surface_.pitch_bytes},
               {surface.pixels, surface.pitch_bytes, surface.width, surface.height, pixel}, changed,
               0, surface.height);
    info_ = info;
    info_.damage = DamageRegion::full();
    return true;
}

void FrameStash::clear() {
    pixels_.reset();
    surface_ = {};
}

FrameStash::Outcome FrameStash::republish(FramePublisher& publisher, std::uint64_t now_ticks) {
    if (empty() || !publisher.attached()) {
        return Outcome::nothing;
    }
    if (!matches(surface_, publisher.geometry())) {
        publisher.count_mismatch(now_ticks);
        return Outcome::kept;
    }
    auto claim = publisher.claim(info_, now_ticks);
    if (!claim) {
        return Outcome::kept;
    }
    claim->fill(surface_)->finish();
    publisher.publish(std::move(*claim), now_ticks, now_ticks);
    clear();
    return Outcome::published;
}

}  // namespace pf::core
