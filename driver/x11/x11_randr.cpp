#include "x11_randr.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

// A server that lives answers within milliseconds; a loaded machine may need more.
constexpr std::int64_t kAnswerNs = 3 * os::kSecond;

// The server takes new memory for the whole screen and clears it: 1 GiB for the largest. This is
// what a machine that has to find that memory first may need for a byte.
std::int64_t resize_ns(const X11Size& size) {
    constexpr std::int64_t kNsPerByte = 20;
    return std::int64_t{size.width} * size.height * 4 * kNsPerByte;
}

template <typename Range, typename Key, typename Member>
auto* find_by(Range& range, const Key& key, Member member) {
    const auto at = std::find_if(range.begin(), range.end(),
                                 [&](const auto& each) { return each.*member == key; });
    return at == range.end() ? nullptr : &*at;
}

RandrCrtc to_crtc(xcb_randr_crtc_t id, const xcb_randr_get_crtc_info_reply_t& info) {
    const xcb_randr_output_t* outputs = xcb_randr_get_crtc_info_outputs(&info);
    return {id,
            info.mode,
            {info.x, info.y, info.width, info.height},
            {outputs, outputs + info.num_outputs}};
}

RandrOutput to_output(xcb_randr_output_t id, const xcb_randr_get_output_info_reply_t& info) {
    const auto* name = reinterpret_cast<const char*>(xcb_randr_get_output_info_name(&info));
    const xcb_randr_crtc_t* crtcs = xcb_randr_get_output_info_crtcs(&info);
    const xcb_randr_mode_t* modes = xcb_randr_get_output_info_modes(&info);
    return {id,
            {name, info.name_len},
            info.crtc,
            {crtcs, crtcs + info.num_crtcs},
            {modes, modes + info.num_modes}};
}

std::vector<RandrMode> to_modes(const xcb_randr_get_screen_resources_current_reply_t& reply) {
    std::vector<RandrMode> modes;
    const xcb_randr_mode_info_t* info = xcb_randr_get_screen_resources_current_modes(&reply);
    const auto* names =
        reinterpret_cast<const char*>(xcb_randr_get_screen_resources_current_names(&reply));
    std::string_view rest(names, static_cast<std::size_t>(
                                     xcb_randr_get_screen_resources_current_names_length(&reply)));
    for (int i = 0; i < reply.num_modes; ++i) {
        const std::string_view name = rest.substr(0, info[i].name_len);
        modes.push_back({info[i].id, std::string(name)});
        rest.remove_prefix(name.size());
    }
    return modes;
}

}  // namespace

const RandrOutput* RandrState::output(const std::string& name) const {
    return find_by(outputs, name, &RandrOutput::name);
}

const RandrCrtc* RandrState::crtc(xcb_randr_crtc_t id) const {
    return find_by(crtcs, id, &RandrCrtc::id);
}

const RandrMode* RandrState::mode(const std::string& name) const {
    return find_by(modes, name, &RandrMode::name);
}

bool RandrState::lit(xcb_randr_output_t output) const {
    const RandrOutput* found = find_by(outputs, output, &RandrOutput::id);
    return found != nullptr && found->crtc != 0;
}

const RandrOutput* RandrState::first_lit(xcb_randr_output_t except) const {
    const RandrOutput* first = nullptr;
    X11Area area;
    for (const RandrOutput& each : outputs) {
        const RandrCrtc* its = each.id != except ? crtc(each.crtc) : nullptr;
        if (its != nullptr &&
            (first == nullptr || std::tie(its->area.y, its->area.x) < std::tie(area.y, area.x))) {
            first = &each;
            area = its->area;
        }
    }
    return first;
}

std::vector<X11Area> RandrState::lit_areas(xcb_randr_crtc_t except) const {
    std::vector<X11Area> areas;
    for (const RandrCrtc& each : crtcs) {
        if (each.mode != 0 && each.id != except) {
            areas.push_back(each.area);
        }
    }
    return areas;
}

std::int64_t X11Randr::answer_deadline(std::int64_t work_ns) const {
    return has_patience_ ? os::kNever : os::deadline_after(kAnswerNs + work_ns);
}

// Another client may change the configuration between the first request and the last.
os::Result<RandrState> X11Randr::read() {
    constexpr int kAttempts = 3;
    auto state = read_once();
    for (int i = 1; i < kAttempts && !state && state.error().reaction == os::Reaction::retry &&
                    state.error().code != X11Connection::kTimeout;
         ++i) {
        state = read_once();
    }
    return state;
}

os::Result<RandrState> X11Randr::read_once() {
    constexpr const char* kRead = "read RandR configuration";
    xcb_connection_t* c = connection_.raw();
    const std::int64_t deadline_ns = answer_deadline();
    const auto geometry = xcb_get_geometry(c, connection_.root());
    const auto primary = xcb_randr_get_output_primary(c, connection_.root());
    const auto resources = connection_.reply<xcb_randr_get_screen_resources_current_reply_t>(
        xcb_randr_get_screen_resources_current(c, connection_.root()).sequence, kRead, deadline_ns);
    const auto size =
        connection_.reply<xcb_get_geometry_reply_t>(geometry.sequence, kRead, deadline_ns);
    const auto first = connection_.reply<xcb_randr_get_output_primary_reply_t>(primary.sequence,
                                                                               kRead, deadline_ns);
    if (!resources || !size || !first) {
        return tl::unexpected(!resources ? resources.error()
                              : !size    ? size.error()
                                         : first.error());
    }
    RandrState state;
    state.config_timestamp = (*resources)->config_timestamp;
    state.screen = {(*size)->width, (*size)->height};
    state.primary = (*first)->output;
    state.modes = to_modes(**resources);
    const auto* crtcs = xcb_randr_get_screen_resources_current_crtcs(resources->get());
    const auto* outputs = xcb_randr_get_screen_resources_current_outputs(resources->get());
    std::vector<unsigned> sequences;
    for (int i = 0; i < (*resources)->num_crtcs; ++i) {
        sequences.push_back(xcb_randr_get_crtc_info(c, crtcs[i], state.config_timestamp).sequence);
    }
    for (int i = 0; i < (*resources)->num_outputs; ++i) {
        sequences.push_back(
            xcb_randr_get_output_info(c, outputs[i], state.config_timestamp).sequence);
    }
    std::optional<os::Error> failure;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
        const bool is_crtc = i < (*resources)->num_crtcs;
        const auto reply = connection_.reply<void>(sequences[i], kRead, deadline_ns);
        const auto* bytes = reply ? static_cast<const std::uint8_t*>(reply->get()) : nullptr;
        if (bytes == nullptr || bytes[1] != XCB_RANDR_SET_CONFIG_SUCCESS) {
            failure = reply ? os::Error{kRead, 0, os::Reaction::retry, "it changes just now"}
                            : reply.error();
        } else if (is_crtc) {
            state.crtcs.push_back(to_crtc(
                crtcs[i], *reinterpret_cast<const xcb_randr_get_crtc_info_reply_t*>(bytes)));
        } else {
            state.outputs.push_back(
                to_output(outputs[i - (*resources)->num_crtcs],
                          *reinterpret_cast<const xcb_randr_get_output_info_reply_t*>(bytes)));
        }
    }
    if (failure) {
        return tl::unexpected(std::move(*failure));
    }
    return state;
}

os::Result<X11Limits> X11Randr::limits() {
    const auto range = connection_.reply<xcb_randr_get_screen_size_range_reply_t>(
        xcb_randr_get_screen_size_range(connection_.raw(), connection_.root()).sequence,
        "read screen limits", answer_deadline());
    if (!range) {
        return tl::unexpected(range.error());
    }
    // The dummy driver counts the screen's bytes in a signed 32-bit number.
    constexpr std::uint64_t kMostPixels = 0x7FFFFFFF / 4;
    return X11Limits{{(*range)->min_width, (*range)->min_height},
                     {(*range)->max_width, (*range)->max_height},
                     kMostPixels};
}

os::Result<xcb_randr_mode_t> X11Randr::create_mode(const std::string& name, const core::Mode& mode,
                                                   const X11Timing& timing) {
    xcb_randr_mode_info_t info{};
    info.width = static_cast<std::uint16_t>(mode.width);
    info.height = static_cast<std::uint16_t>(mode.height);
    info.dot_clock = timing.dot_clock_hz;
    info.hsync_start = timing.hsync_start;
    info.hsync_end = timing.hsync_end;
    info.htotal = timing.htotal;
    info.vsync_start = timing.vsync_start;
    info.vsync_end = timing.vsync_end;
    info.vtotal = timing.vtotal;
    info.name_len = static_cast<std::uint16_t>(name.size());
    info.mode_flags = XCB_RANDR_MODE_FLAG_HSYNC_POSITIVE | XCB_RANDR_MODE_FLAG_VSYNC_NEGATIVE;
    const auto created = connection_.reply<xcb_randr_create_mode_reply_t>(
        xcb_randr_create_mode(connection_.raw(), connection_.root(), info, info.name_len,
                              name.c_str())
            .sequence,
        "create mode", answer_deadline());
    if (!created) {
        return tl::unexpected(created.error());
    }
    return (*created)->mode;
}

os::Result<void> X11Randr::destroy_mode(xcb_randr_mode_t mode) {
    return connection_.check(xcb_randr_destroy_mode_checked(connection_.raw(), mode),
                             "destroy mode", answer_deadline());
}

os::Result<void> X11Randr::add_output_mode(xcb_randr_output_t output, xcb_randr_mode_t mode) {
    return connection_.check(xcb_randr_add_output_mode_checked(connection_.raw(), output, mode),
                             "add mode to output", answer_deadline());
}

os::Result<void> X11Randr::delete_output_mode(xcb_randr_output_t output, xcb_randr_mode_t mode) {
    return connection_.check(xcb_randr_delete_output_mode_checked(connection_.raw(), output, mode),
                             "delete mode from output", answer_deadline());
}

os::Result<void> X11Randr::set_crtc(xcb_randr_crtc_t crtc, std::int32_t x, std::int32_t y,
                                    xcb_randr_mode_t mode, xcb_randr_output_t output) {
    const auto cookie =
        xcb_randr_set_crtc_config(connection_.raw(), crtc, XCB_CURRENT_TIME, XCB_CURRENT_TIME,
                                  static_cast<std::int16_t>(x), static_cast<std::int16_t>(y), mode,
                                  XCB_RANDR_ROTATION_ROTATE_0, mode != 0 ? 1 : 0, &output);
    const auto reply = connection_.reply<xcb_randr_set_crtc_config_reply_t>(
        cookie.sequence, "set CRTC", answer_deadline());
    if (!reply) {
        return tl::unexpected(reply.error());
    }
    if ((*reply)->status != XCB_RANDR_SET_CONFIG_SUCCESS) {
        return os::fail("set CRTC", X11Connection::kRefused, os::Reaction::reject,
                        fmt::format("the X server cannot show it at {},{}: {}", x, y,
                                    randr_status_name((*reply)->status)));
    }
    return {};
}

os::Result<void> X11Randr::resize_screen(const X11Size& size) {
    // 96 dots an inch, as everything without a size of its own assumes.
    const auto millimetres = [](std::uint32_t pixels) { return (pixels * 254 + 480) / 960; };
    auto resized = connection_.check(
        xcb_randr_set_screen_size_checked(connection_.raw(), connection_.root(),
                                          static_cast<std::uint16_t>(size.width),
                                          static_cast<std::uint16_t>(size.height),
                                          millimetres(size.width), millimetres(size.height)),
        "resize screen", answer_deadline(resize_ns(size)));
    if (!resized) {
        resized.error().detail = fmt::format(
            "to {}x{} pixels, {} MiB: {}; ask for a smaller size", size.width, size.height,
            std::uint64_t{size.width} * size.height * 4 >> 20, resized.error().detail);
    }
    return resized;
}

void X11Randr::set_edid(xcb_randr_output_t output, std::span<const std::uint8_t> edid) {
    constexpr std::string_view kName = "EDID";
    const auto atom = connection_.reply<xcb_intern_atom_reply_t>(
        xcb_intern_atom(connection_.raw(), 0, kName.size(), kName.data()).sequence, "set EDID",
        answer_deadline());
    if (!atom) {
        return;
    }
    xcb_connection_t* c = connection_.raw();
    const xcb_void_cookie_t cookie =
        edid.empty() ? xcb_randr_delete_output_property_checked(c, output, (*atom)->atom)
                     : xcb_randr_change_output_property_checked(
                           c, output, (*atom)->atom, XCB_ATOM_INTEGER, 8, XCB_PROP_MODE_REPLACE,
                           static_cast<std::uint32_t>(edid.size()), edid.data());
    (void)connection_.check(cookie, "set EDID", answer_deadline());
}

void X11Randr::make_primary(xcb_randr_output_t output) {
    (void)connection_.check(
        xcb_randr_set_output_primary_checked(connection_.raw(), connection_.root(), output),
        "make output primary", answer_deadline());
}

}  // namespace pf::driver
