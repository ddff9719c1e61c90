// Where each monitor lay last time, noted on the X server itself (a property of the root window):
// a restarted driver puts them back under the windows that were on them. Best effort.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "x11_layout.hpp"
#include "xorg/x11_connection.hpp"

namespace pf::driver {

class X11Places {
public:
    explicit X11Places(X11Connection& connection) : connection_(connection) {}

    // nullopt: never seen at that size.
    std::optional<X11Area> recall(std::uint32_t monitor_id, const X11Size& size);
    void remember(std::uint32_t monitor_id, const X11Area& area);

private:
    struct Place {  // as the property holds it
        std::uint32_t monitor_id, x, y, width, height;
    };
    std::vector<Place> read();

    X11Connection& connection_;
    xcb_atom_t atom_ = XCB_ATOM_NONE;
};

}  // namespace pf::driver
