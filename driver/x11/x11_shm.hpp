// Memory that the X server writes pictures into: the slots of a delivered ring, or a surface of
// our own where a slot's rows are padded or its pixels differ from the screen's. Uses the
// connection of the caller's thread.
#pragma once

#include <xcb/shm.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <pf/core/damage_region.hpp>
#include <pf/os/shared_memory.hpp>

#include "process/output/monitor_output.hpp"
#include "x11_layout.hpp"
#include "xorg/x11_connection.hpp"

namespace pf::driver {

class X11Shm {
public:
    explicit X11Shm(X11Connection& connection) : connection_(connection) {}

    // Keeps `ring` until the next attach(): the server may write until its answer has come.
    // `as_is`: the screen's pixels are the ring's, so the server may write into its slots.
    os::Result<void> attach(std::shared_ptr<MappedRing> ring, const proto::RingGeometry& geometry,
                            bool as_is);
    void detach();
    bool attached_to(const MappedRing* ring) const {
        return ring != nullptr && ring_.get() == ring;
    }
    // Rows are tight and pixels as they are: the server writes into the slots themselves.
    bool direct() const { return !surface_; }
    // Our own surface; empty when direct.
    std::span<std::byte> surface() const { return surface_map_.bytes(); }

    // The monitor's rows [rows.first, rows.end) into `slot`, or into the surface. Returns when
    // they are there. reject: the screen has no such place any more.
    os::Result<void> capture(std::uint32_t slot, const X11Area& monitor,
                             core::DamageRegion::Rows rows);

private:
    os::Result<void> give(std::span<const os::Region> regions);

    X11Connection& connection_;
    std::shared_ptr<MappedRing> ring_;
    std::vector<xcb_shm_seg_t> segments_;
    os::Region surface_;
    os::WritableMapping surface_map_;
};

}  // namespace pf::driver
