#include "x11_shm.hpp"

#include <pf/os/clock.hpp>

namespace pf::driver {

os::Result<void> X11Shm::attach(std::shared_ptr<MappedRing> ring,
                                const proto::RingGeometry& geometry, bool as_is) {
    detach();
    const std::uint32_t tight_bytes = geometry.width * 4;
    if (!as_is || geometry.pitch_bytes != tight_bytes) {
        auto region =
            os::Region::create(std::uint64_t{tight_bytes} * geometry.height, "pf-x11-surface");
        if (!region) {
            return tl::unexpected(std::move(region.error()));
        }
        auto map = os::WritableMapping::map(*region);
        if (!map) {
            return tl::unexpected(std::move(map.error()));
        }
        surface_ = std::move(*region);
        surface_map_ = std::move(*map);
    }
    ring_ = std::move(ring);
    return surface_ ? give({&surface_, 1}) : give(ring_->slot_regions);
}

// xcb closes the descriptors that it sends, and forgets those of a connection that ends before: so
// all of them are there before the first is queued, and sent at once.
os::Result<void> X11Shm::give(std::span<const os::Region> regions) {
    std::vector<os::Handle> handles;
    for (const os::Region& region : regions) {
        auto handle = region.handle().duplicate();
        if (!handle) {
            return tl::unexpected(std::move(handle.error()));
        }
        handles.push_back(std::move(*handle));
    }
    std::vector<xcb_void_cookie_t> cookies;
    for (os::Handle& handle : handles) {
        segments_.push_back(connection_.new_id());
        cookies.push_back(xcb_shm_attach_fd_checked(
            connection_.raw(), segments_.back(), static_cast<std::int32_t>(handle.release()), 0));
    }
    return connection_.check_all(cookies, "give slots to X server", os::kNever);
}

void X11Shm::detach() {
    for (const xcb_shm_seg_t segment : segments_) {
        xcb_shm_detach(connection_.raw(), segment);
    }
    segments_.clear();
    ring_.reset();
    surface_map_ = os::WritableMapping();
    surface_ = os::Region();
}

os::Result<void> X11Shm::capture(std::uint32_t slot, const X11Area& monitor,
                                 core::DamageRegion::Rows rows) {
    constexpr std::uint32_t kAllPlanes = ~std::uint32_t{0};
    const xcb_shm_seg_t segment = segments_[direct() ? slot : 0];
    const auto cookie = xcb_shm_get_image(
        connection_.raw(), connection_.root(), static_cast<std::int16_t>(monitor.x),
        static_cast<std::int16_t>(monitor.y + static_cast<std::int32_t>(rows.first)),
        static_cast<std::uint16_t>(monitor.width),
        static_cast<std::uint16_t>(rows.end - rows.first), kAllPlanes, XCB_IMAGE_FORMAT_Z_PIXMAP,
        segment, rows.first * monitor.width * 4);
    const auto done =
        connection_.reply<xcb_shm_get_image_reply_t>(cookie.sequence, "capture screen", os::kNever);
    if (!done) {
        return tl::unexpected(done.error());
    }
    return {};
}

}  // namespace pf::driver
