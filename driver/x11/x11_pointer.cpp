#include "x11_pointer.hpp"

#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#include <algorithm>

#include <pf/os/clock.hpp>
#include <pf/proto/cursor.hpp>

namespace pf::driver {

os::Result<void> X11Pointer::watch() {
    xcb_connection_t* c = connection_.raw();
    const auto pictures = xcb_xfixes_select_cursor_input_checked(
        c, connection_.root(), XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
    const struct {
        xcb_input_event_mask_t head;
        std::uint32_t mask;
    } motion{{XCB_INPUT_DEVICE_ALL_MASTER, 1}, XCB_INPUT_XI_EVENT_MASK_RAW_MOTION};
    const auto moves = xcb_input_xi_select_events_checked(c, connection_.root(), 1, &motion.head);
    if (auto done = connection_.check(pictures, "watch pointer picture", os::kNever); !done) {
        return done;
    }
    return connection_.check(moves, "watch pointer motion", os::kNever);
}

bool X11Pointer::notice(const xcb_generic_event_t& event) {
    const std::uint8_t type = event.response_type & 0x7F;
    if (type == connection_.extensions().fixes_event + XCB_XFIXES_CURSOR_NOTIFY) {
        image_stale_ = true;
        return true;
    }
    const auto& generic = reinterpret_cast<const xcb_ge_generic_event_t&>(event);
    return type == XCB_GE_GENERIC && generic.extension == connection_.extensions().input_opcode;
}

// Both questions go out before either answer is waited for.
os::Result<void> X11Pointer::refresh() {
    xcb_connection_t* c = connection_.raw();
    const auto question = xcb_query_pointer(c, connection_.root());
    const auto picture = image_stale_ ? xcb_xfixes_get_cursor_image(c).sequence : 0U;
    const auto place =
        connection_.reply<xcb_query_pointer_reply_t>(question.sequence, "find pointer", os::kNever);
    if (!place) {
        return tl::unexpected(place.error());
    }
    if (image_stale_) {
        if (auto taken = take_image(picture); !taken) {
            return taken;
        }
    }
    view_.area = pointer_area(image_, (*place)->root_x, (*place)->root_y);
    view_.visible = (*place)->same_screen != 0 && !image_.empty();
    return {};
}

// A server without any picture refuses; then there is nothing to see.
os::Result<void> X11Pointer::take_image(unsigned sequence) {
    const auto got = connection_.reply<xcb_xfixes_get_cursor_image_reply_t>(
        sequence, "fetch pointer picture", os::kNever);
    if (!got && got.error().reaction != os::Reaction::reject) {
        return tl::unexpected(got.error());
    }
    image_ = {};
    if (got) {
        const auto& reply = **got;
        const std::uint32_t* pixels = xcb_xfixes_get_cursor_image_cursor_image(got->get());
        image_ = {reply.width,
                  reply.height,
                  reply.xhot,
                  reply.yhot,
                  {pixels, pixels + std::size_t{reply.width} * reply.height}};
    }
    small_.reset();
    if (std::max(image_.width, image_.height) > proto::kCursorMaxDimension) {
        small_ = image_.fitted(proto::kCursorMaxDimension);
    }
    ++view_.serial;
    image_stale_ = false;
    return {};
}

}  // namespace pf::driver
