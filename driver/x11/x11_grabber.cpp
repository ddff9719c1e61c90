#include "x11_grabber.hpp"

#include <xcb/xfixes.h>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

xcb_rectangle_t to_xcb(const X11Area& area) {
    return {static_cast<std::int16_t>(area.x), static_cast<std::int16_t>(area.y),
            static_cast<std::uint16_t>(area.width), static_cast<std::uint16_t>(area.height)};
}

std::vector<std::uint32_t> formats_of(X11Pixels pixels) {
    std::vector<std::uint32_t> formats;
    for (const std::uint32_t format :
         {proto::kFormatBgra8, proto::kFormatRgb10a2, proto::kFormatRgba16f}) {
        if (gives(pixels, format)) {
            formats.push_back(format);
        }
    }
    return formats;
}

}  // namespace

os::Handle::Native X11Grabber::News::native() const {
    return grabber_.connection_.descriptor();
}

bool X11Grabber::News::has_queued() {
    return grabber_.take_queued_events();
}

X11Grabber::X11Grabber(X11Connection connection, X11Pixels pixels, const X11View& view,
                       MonitorOutput& output, std::uint64_t& source_sequence)
    : connection_(std::move(connection)),
      pixels_(pixels),
      formats_(formats_of(pixels)),
      place_(connection_, view.output),
      output_(output),
      pointer_(connection_),
      shm_(connection_),
      pacer_(view.refresh_millihertz),
      source_sequence_(source_sequence) {}

// Nobody knows what becomes of the output until the next grabber looks.
X11Grabber::~X11Grabber() {
    output_.tell_source_size(proto::kSourceUnknown);
}

os::Result<std::unique_ptr<X11Grabber>> X11Grabber::open(const X11View& view, MonitorOutput& output,
                                                         X11Patience& patience,
                                                         std::uint64_t& source_sequence) {
    auto connection = X11Connection::open(view.endpoint, os::deadline_after(kOpenNs));
    if (!connection) {
        return tl::unexpected(std::move(connection.error()));
    }
    const auto pixels = pixels_of(*connection);
    if (!pixels) {
        return tl::unexpected(pixels.error());
    }
    connection->set_patience(&patience);
    std::unique_ptr<X11Grabber> grabber(
        new X11Grabber(std::move(*connection), *pixels, view, output, source_sequence));
    if (auto watching = grabber->watch(); !watching) {
        return tl::unexpected(std::move(watching.error()));
    }
    return grabber;
}

os::Result<void> X11Grabber::watch() {
    xcb_connection_t* c = connection_.raw();
    damage_id_ = connection_.new_id();
    const auto damage = xcb_damage_create_checked(c, damage_id_, connection_.root(),
                                                  XCB_DAMAGE_REPORT_LEVEL_DELTA_RECTANGLES);
    repair_id_ = connection_.new_id();
    const xcb_rectangle_t rectangle = to_xcb(area_);
    const auto region = xcb_xfixes_create_region_checked(c, repair_id_, 1, &rectangle);
    if (auto made = connection_.check(damage, "watch damage", os::kNever); !made) {
        return made;
    }
    if (auto made = connection_.check(region, "name monitor's region", os::kNever); !made) {
        return made;
    }
    if (auto watched = place_.watch(); !watched) {
        return watched;
    }
    if (auto followed = follow(); !followed) {
        return followed;
    }
    return pointer_.watch();
}

os::Result<void> X11Grabber::follow() {
    if (place_.stale()) {
        if (auto fresh = place_.refresh(); !fresh) {
            return fresh;
        }
    }
    if (place_.area() != area_) {
        area_ = place_.area();
        const xcb_rectangle_t rectangle = to_xcb(area_);
        xcb_xfixes_set_region(connection_.raw(), repair_id_, 1, &rectangle);
        damage_ = {};
        whole_ = true;
        told_.area = {};  // the pointer has another place on the monitor now
    }
    output_.tell_source_size(place_.switched_off()
                                 ? proto::kSourceSwitchedOff
                                 : proto::pack_source_size(area_.width, area_.height));
    return {};
}

std::int64_t X11Grabber::due_ns() const {
    if (place_.stale()) {
        return 0;
    }
    return wanted() ? pacer_.due_ns() : os::kNever;
}

os::Result<void> X11Grabber::step() {
    if (auto taken = take_events(); !taken) {
        return taken;
    }
    if (place_.stale()) {
        if (auto followed = follow(); !followed) {
            return followed;
        }
    }
    if (!wanted() || os::now_ns() < pacer_.due_ns()) {
        return {};
    }
    auto framed = frame();
    take_queued_events();
    return framed;
}

// xcb reads on while it waits for an answer, and keeps what it finds: the socket is empty then.
bool X11Grabber::take_queued_events() {
    bool any = false;
    while (const XcbPtr<xcb_generic_event_t> event{xcb_poll_for_queued_event(connection_.raw())}) {
        take_event(*event);
        any = true;
    }
    return any;
}

os::Result<void> X11Grabber::take_events() {
    xcb_connection_t* c = connection_.raw();
    while (const XcbPtr<xcb_generic_event_t> event{xcb_poll_for_event(c)}) {
        take_event(*event);
    }
    if (connection_.broken()) {
        return os::fail("watch X screen", 0, os::Reaction::reopen,
                        "the connection to the X server broke");
    }
    return {};
}

void X11Grabber::take_event(const xcb_generic_event_t& event) {
    if (pointer_.notice(event)) {
        pointer_hint_ = true;
        return;
    }
    if (place_.notice(event)) {
        return;
    }
    if ((event.response_type & 0x7F) != connection_.extensions().damage_event + XCB_DAMAGE_NOTIFY) {
        return;  // also errors of requests that nobody waits for: a late detach, a lost region
    }
    const auto& notify = reinterpret_cast<const xcb_damage_notify_event_t&>(event);
    add_damage({notify.area.x, notify.area.y, notify.area.width, notify.area.height});
}

void X11Grabber::add_damage(const X11Area& rect) {
    if (const auto inside = to_monitor(area_, rect)) {
        damage_ticks_ = damage_.empty() ? os::now_ticks() : damage_ticks_;
        damage_.add(*inside);
    }
}

os::Result<void> X11Grabber::frame() {
    pacer_.advance(os::now_ns());
    pointer_hint_ = false;
    if (auto fresh = pointer_.refresh(); !fresh) {
        return fresh;
    }
    take_queued_events();
    if (place_.stale()) {
        return {};
    }
    const bool excluded = output_.pointer_excluded();
    tell_pointer(excluded);
    add_pointer_damage(excluded);
    if (damage_.empty() && !whole_) {
        return {};
    }
    return draw(excluded);
}

void X11Grabber::tell_pointer(bool excluded) {
    PointerView seen = pointer_.view();
    seen.visible = seen.visible && excluded && to_monitor(area_, seen.area).has_value();
    if (seen == told_ || (!seen.visible && !told_.visible)) {
        return;
    }
    const PointerImage& image = pointer_.channel_image();
    const PointerImage& whole = pointer_.image();
    CursorState state;
    state.visible = seen.visible;
    state.x = seen.area.x + static_cast<std::int32_t>(whole.hot_x - image.hot_x);
    state.y = seen.area.y + static_cast<std::int32_t>(whole.hot_y - image.hot_y);
    state.origin_x = area_.x;
    state.origin_y = area_.y;
    state.hot_x = image.hot_x;
    state.hot_y = image.hot_y;
    state.width = image.width;
    state.height = image.height;
    state.pixels = seen.serial != told_.serial ? image.pixels.data() : nullptr;
    if (!seen.visible) {
        seen.serial = told_.serial;  // the shape is told when it is seen next
        state.pixels = nullptr;
    }
    output_.publish_cursor(state);
    told_ = seen;
}

void X11Grabber::add_pointer_damage(bool excluded) {
    PointerView next = pointer_.view();
    next.visible = next.visible && !excluded;
    if (next == drawn_ || (!next.visible && !drawn_.visible)) {
        return;
    }
    for (const PointerView& view : {drawn_, next}) {
        if (view.visible) {
            add_damage(view.area);
        }
    }
}

os::Result<void> X11Grabber::draw(bool excluded) {
    core::FrameInfo frame;
    frame.source_sequence = source_sequence_ + 1;
    frame.present_ticks = damage_.empty() ? os::now_ticks() : damage_ticks_;
    frame.damage = whole_ ? core::DamageRegion::full() : damage_;
    auto drawing = output_.draw({area_.width, area_.height, formats_, frame});
    if (!drawing) {
        if (drawing.error() != NoDrawing::no_slot) {
            damage_ = {};
            whole_ = false;  // the next ring gets a whole one anyway
        }
        return {};
    }
    ++source_sequence_;
    if (auto given = give_slots(*drawing); !given) {
        return given;
    }
    return fill(*drawing, excluded);
}

os::Result<void> X11Grabber::give_slots(const Drawing& drawing) {
    if (shm_.attached_to(drawing.ring().get())) {
        return {};
    }
    const proto::RingGeometry& geometry = drawing.geometry();
    return shm_.attach(drawing.ring(), geometry, same_bytes(pixels_, geometry.dxgi_format));
}

os::Result<void> X11Grabber::fill(Drawing& drawing, bool excluded) {
    const auto rows = drawing.lacking().rows(area_.height);
    // Damage from here on makes events again; what was drawn before is in the picture.
    xcb_damage_subtract(connection_.raw(), damage_id_, repair_id_, XCB_NONE);
    damage_ = {};
    const auto captured = shm_.capture(drawing.slot(), area_, rows);
    take_queued_events();
    // The server told of every move before it answered: this may be another monitor's picture. A
    // refusal means that the screen is smaller just now; the monitor's new place follows.
    if (!captured || place_.stale()) {
        whole_ = true;
        const bool refused = !captured && captured.error().reaction == os::Reaction::reject;
        return captured || refused ? os::Result<void>() : captured;
    }
    finish(drawing, rows, excluded);
    return {};
}

void X11Grabber::finish(Drawing& drawing, core::DamageRegion::Rows rows, bool excluded) {
    const std::span<std::byte> memory = shm_.direct() ? drawing.pixels() : shm_.surface();
    const std::uint32_t pitch_bytes = area_.width * 4;
    const std::uint32_t format = drawing.geometry().dxgi_format;
    convert(memory, area_.width, rows, pixels_, format);
    drawn_ = pointer_.view();
    drawn_.visible = drawn_.visible && !excluded;
    if (drawn_.visible) {
        blend_pointer({memory, pitch_bytes, area_.width, format, rows}, pointer_.image(),
                      drawn_.area.x - area_.x, drawn_.area.y - area_.y);
    }
    whole_ = false;
    if (!shm_.direct()) {
        auto copy = drawing.fill({memory.data(), area_.width, area_.height, pitch_bytes, format});
        if (!copy) {
            return;
        }
        copy->finish();
    }
    drawing.publish();
}

}  // namespace pf::driver
