#include "x11_output_watch.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

constexpr const char* kFind = "find output";

std::string_view name_of(const xcb_randr_get_output_info_reply_t& info) {
    return {reinterpret_cast<const char*>(xcb_randr_get_output_info_name(&info)),
            static_cast<std::size_t>(xcb_randr_get_output_info_name_length(&info))};
}

}  // namespace

os::Result<void> X11OutputWatch::watch() {
    const auto selected = xcb_randr_select_input_checked(connection_.raw(), connection_.root(),
                                                         XCB_RANDR_NOTIFY_MASK_SCREEN_CHANGE |
                                                             XCB_RANDR_NOTIFY_MASK_CRTC_CHANGE |
                                                             XCB_RANDR_NOTIFY_MASK_OUTPUT_CHANGE);
    if (auto done = connection_.check(selected, "watch outputs", os::kNever); !done) {
        return done;
    }
    if (auto found = find_output(); !found) {
        return found;
    }
    return refresh();
}

// All questions go out before the first answer is waited for.
os::Result<void> X11OutputWatch::find_output() {
    xcb_connection_t* c = connection_.raw();
    const auto resources = connection_.reply<xcb_randr_get_screen_resources_current_reply_t>(
        xcb_randr_get_screen_resources_current(c, connection_.root()).sequence, kFind, os::kNever);
    if (!resources) {
        return tl::unexpected(resources.error());
    }
    const auto* outputs = xcb_randr_get_screen_resources_current_outputs(resources->get());
    std::vector<unsigned> questions;
    for (int i = 0; i < (*resources)->num_outputs; ++i) {
        questions.push_back(xcb_randr_get_output_info(c, outputs[i], XCB_CURRENT_TIME).sequence);
    }
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const auto info =
            connection_.reply<xcb_randr_get_output_info_reply_t>(questions[i], kFind, os::kNever);
        if (!info && info.error().reaction != os::Reaction::reject) {
            return tl::unexpected(info.error());
        }
        if (info && name_of(**info) == name_) {
            output_ = outputs[i];
        }
    }
    if (output_ == XCB_NONE) {
        return os::fail(kFind, 0, os::Reaction::reject,
                        fmt::format("the X server has no output {}", name_));
    }
    return {};
}

bool X11OutputWatch::notice(const xcb_generic_event_t& event) {
    const int type = (event.response_type & 0x7F) - connection_.extensions().randr_event;
    if (type != XCB_RANDR_SCREEN_CHANGE_NOTIFY && type != XCB_RANDR_NOTIFY) {
        return false;
    }
    stale_ = true;
    return true;
}

os::Result<xcb_randr_crtc_t> X11OutputWatch::read_crtc() {
    const auto info = connection_.reply<xcb_randr_get_output_info_reply_t>(
        xcb_randr_get_output_info(connection_.raw(), output_, XCB_CURRENT_TIME).sequence,
        "look at output", os::kNever);
    if (!info) {
        return tl::unexpected(info.error());
    }
    return (*info)->crtc;
}

os::Result<void> X11OutputWatch::refresh() {
    stale_ = false;  // a change that comes while this asks makes it so again
    const auto crtc = read_crtc();
    if (!crtc) {
        return tl::unexpected(crtc.error());
    }
    area_ = {};
    if (*crtc == XCB_NONE) {
        return {};
    }
    const auto info = connection_.reply<xcb_randr_get_crtc_info_reply_t>(
        xcb_randr_get_crtc_info(connection_.raw(), *crtc, XCB_CURRENT_TIME).sequence,
        "look at output's place", os::kNever);
    if (!info) {
        return tl::unexpected(info.error());
    }
    if ((*info)->mode != XCB_NONE) {
        area_ = {(*info)->x, (*info)->y, (*info)->width, (*info)->height};
    }
    return {};
}

}  // namespace pf::driver
