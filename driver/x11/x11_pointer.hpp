// The X server's pointer: position and picture, fetched when something says that they changed.
// Uses the connection of the caller's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "x11_pointer_image.hpp"
#include "xorg/x11_connection.hpp"

namespace pf::driver {

struct PointerView {
    X11Area area;              // of the picture on the screen
    std::uint32_t serial = 0;  // differs for every picture
    bool visible = false;
    friend bool operator==(const PointerView&, const PointerView&) = default;
};

class X11Pointer {
public:
    explicit X11Pointer(X11Connection& connection) : connection_(connection) {}

    // From now on the server tells about motion and about new pictures.
    os::Result<void> watch();
    // True: the event was about the pointer, refresh() may find something new.
    bool notice(const xcb_generic_event_t& event);
    os::Result<void> refresh();

    const PointerView& view() const { return view_; }
    const PointerImage& image() const { return image_; }
    // The image as the cursor channel can carry it.
    const PointerImage& channel_image() const { return small_ ? *small_ : image_; }

private:
    os::Result<void> take_image(unsigned sequence);

    X11Connection& connection_;
    PointerImage image_;
    std::optional<PointerImage> small_;  // of an image that is too large for the channel
    PointerView view_;
    bool image_stale_ = true;
};

}  // namespace pf::driver
