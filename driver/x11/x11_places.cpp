#include "x11_places.hpp"

#include <algorithm>
#include <string_view>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

constexpr std::string_view kProperty = "_PF_VDISPLAY_LAYOUT";
constexpr std::uint32_t kMostPlaces = 16;
constexpr std::int64_t kAnswerNs = 3 * os::kSecond;
constexpr std::uint32_t kMostCoordinate = 0x7FFF;

}  // namespace

std::vector<X11Places::Place> X11Places::read() {
    const std::int64_t deadline_ns = os::deadline_after(kAnswerNs);
    xcb_connection_t* c = connection_.raw();
    if (atom_ == XCB_ATOM_NONE) {
        const auto atom = connection_.reply<xcb_intern_atom_reply_t>(
            xcb_intern_atom(c, 0, kProperty.size(), kProperty.data()).sequence, "name property",
            deadline_ns);
        if (!atom) {
            return {};
        }
        atom_ = (*atom)->atom;
    }
    constexpr std::uint32_t kWords = sizeof(Place) / 4 * kMostPlaces;
    const auto property = connection_.reply<xcb_get_property_reply_t>(
        xcb_get_property(c, 0, connection_.root(), atom_, XCB_ATOM_CARDINAL, 0, kWords).sequence,
        "read places", deadline_ns);
    if (!property || (*property)->format != 32) {
        return {};
    }
    const auto* first = static_cast<const Place*>(xcb_get_property_value(property->get()));
    return {first, first + std::size_t{(*property)->value_len} * 4 / sizeof(Place)};
}

// Any client may write the property, so a place is a wish that the layout checks.
std::optional<X11Area> X11Places::recall(std::uint32_t monitor_id, const X11Size& size) {
    for (const Place& place : read()) {
        if (place.monitor_id == monitor_id && place.width == size.width &&
            place.height == size.height && place.x <= kMostCoordinate &&
            place.y <= kMostCoordinate) {
            return X11Area{static_cast<std::int32_t>(place.x), static_cast<std::int32_t>(place.y),
                           size.width, size.height};
        }
    }
    return std::nullopt;
}

void X11Places::remember(std::uint32_t monitor_id, const X11Area& area) {
    std::vector<Place> places = read();
    if (atom_ == XCB_ATOM_NONE) {
        return;
    }
    std::erase_if(places, [&](const Place& place) { return place.monitor_id == monitor_id; });
    places.push_back({monitor_id, static_cast<std::uint32_t>(area.x),
                      static_cast<std::uint32_t>(area.y), area.width, area.height});
    const std::size_t first = places.size() > kMostPlaces ? places.size() - kMostPlaces : 0;
    const auto words = static_cast<std::uint32_t>((places.size() - first) * sizeof(Place) / 4);
    xcb_change_property(connection_.raw(), XCB_PROP_MODE_REPLACE, connection_.root(), atom_,
                        XCB_ATOM_CARDINAL, 32, words, places.data() + first);
    xcb_flush(connection_.raw());
}

}  // namespace pf::driver
