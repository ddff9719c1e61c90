#include "x11_outputs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "process/output/mode_text.hpp"

namespace pf::driver {
namespace {

const RandrCrtc* free_crtc(const RandrState& state, const RandrOutput& output) {
    for (const xcb_randr_crtc_t id : output.possible_crtcs) {
        const RandrCrtc* crtc = state.crtc(id);
        if (crtc != nullptr && crtc->mode == 0) {
            return crtc;
        }
    }
    return nullptr;
}

std::string explain_no_room(const core::Mode& mode, std::span<const X11Area> others,
                            const X11Limits& limits) {
    const X11Size taken = bounds(others);
    return fmt::format(
        "the X screen has no room for {}x{} beside {} monitor{} on {}x{}: it ends at {}x{} and "
        "{} pixels in all; ask for a smaller size, or remove a monitor",
        mode.width, mode.height, others.size(), others.size() == 1 ? "" : "s", taken.width,
        taken.height, limits.most.width, limits.most.height, limits.most_pixels);
}

bool has(const RandrOutput& output, const RandrMode& mode) {
    return std::find(output.modes.begin(), output.modes.end(), mode.id) != output.modes.end();
}

}  // namespace

X11Outputs::X11Outputs(X11Connection connection, X11OutputsConfig config)
    : connection_(std::make_unique<X11Connection>(std::move(connection))),
      randr_(*connection_),
      places_(*connection_),
      config_(std::move(config)) {}

os::Result<X11Outputs> X11Outputs::open(const X11Endpoint& endpoint, X11OutputsConfig config,
                                        std::int64_t deadline_ns) {
    auto connection = X11Connection::open(endpoint, deadline_ns);
    if (!connection) {
        return tl::unexpected(std::move(connection.error()));
    }
    X11Outputs outputs(std::move(*connection), std::move(config));
    const auto limits = outputs.randr_.limits();
    if (!limits) {
        return tl::unexpected(limits.error());
    }
    outputs.limits_ = *limits;
    return outputs;
}

std::string X11Outputs::output_name(std::uint32_t monitor_id) {
    return fmt::format("DUMMY{}", monitor_id);
}

std::string X11Outputs::mode_name(std::uint32_t monitor_id, const core::Mode& mode) const {
    return fmt::format("{}/{}:{}", config_.instance, monitor_id, to_string(mode));
}

// One that no output has belongs to the one that it was made for: a creation or a removal was cut
// short between its two requests.
bool X11Outputs::is_for(const RandrState& state, const RandrOutput& output,
                        const RandrMode& mode) const {
    const bool nobodys = std::none_of(state.outputs.begin(), state.outputs.end(),
                                      [&](const RandrOutput& each) { return has(each, mode); });
    return is_ours(mode.name) && (nobodys ? output.name == made_for(mode) : has(output, mode));
}

// A mode of ours.
std::string X11Outputs::made_for(const RandrMode& mode) const {
    const std::size_t from = config_.instance.size() + 1;
    return "DUMMY" + mode.name.substr(from, mode.name.find(':', from) - from);
}

bool X11Outputs::is_ours(const std::string& mode_name) const {
    return mode_name.starts_with(config_.instance + "/");
}

os::Result<const RandrCrtc*> X11Outputs::find_free(const RandrState& state,
                                                   std::uint32_t monitor_id) const {
    constexpr const char* kPlug = "plug X monitor";
    const std::string name = output_name(monitor_id);
    const RandrOutput* output = state.output(name);
    if (output == nullptr) {
        return os::fail(kPlug, 0, os::Reaction::reject,
                        fmt::format("the X server has no output {}; of its {} outputs the first is "
                                    "{}; use an Xorg with the dummy driver",
                                    name, state.outputs.size(),
                                    state.outputs.empty() ? "none" : state.outputs[0].name));
    }
    if (output->crtc != 0) {
        return os::fail(kPlug, 0, os::Reaction::reject,
                        fmt::format("output {} is in use already: somebody else switched it on; "
                                    "ask for another monitor id, or: xrandr --output {} --off",
                                    name, name));
    }
    const RandrCrtc* crtc = free_crtc(state, *output);
    if (crtc == nullptr) {
        return os::fail(kPlug, 0, os::Reaction::reject,
                        fmt::format("no free output: all {} that the X server can show at once are "
                                    "in use; remove one",
                                    state.lit_areas(0).size()));
    }
    return crtc;
}

os::Result<X11Area> X11Outputs::plug(std::uint32_t monitor_id, const core::Mode& mode,
                                     std::span<const std::uint8_t> edid,
                                     const std::optional<X11Area>& wanted) {
    const auto state = randr_.read();
    if (!state) {
        return tl::unexpected(state.error());
    }
    const auto crtc = find_free(*state, monitor_id);
    if (!crtc) {
        return tl::unexpected(crtc.error());
    }
    const RandrOutput* output = state->output(output_name(monitor_id));
    // A mode of ours on an output that is off: an earlier removal was cut short.
    (void)drop_modes(*state, *output, 0);
    const auto mode_id = make_mode(*output, monitor_id, mode);
    if (!mode_id) {
        return tl::unexpected(mode_id.error());
    }
    const X11Size size{mode.width, mode.height};
    const auto area = light(*state, (*crtc)->id, *output, mode, *mode_id,
                            wanted ? wanted : places_.recall(monitor_id, size));
    if (!area) {
        (void)randr_.delete_output_mode(output->id, *mode_id);
        (void)randr_.destroy_mode(*mode_id);
        return area;
    }
    randr_.set_edid(output->id, edid);
    if (state->first_lit(output->id) == nullptr) {
        randr_.make_primary(output->id);
    }
    places_.remember(monitor_id, *area);
    return area;
}

os::Result<X11Area> X11Outputs::set_mode(std::uint32_t monitor_id, const core::Mode& mode,
                                         std::span<const std::uint8_t> edid) {
    const auto state = randr_.read();
    if (!state) {
        return tl::unexpected(state.error());
    }
    const RandrOutput* output = state->output(output_name(monitor_id));
    const RandrCrtc* crtc = output != nullptr ? state->crtc(output->crtc) : nullptr;
    if (crtc == nullptr) {
        return os::fail("set X mode", 0, os::Reaction::reject,
                        fmt::format("output {} is off", output_name(monitor_id)));
    }
    if (const RandrMode* present = state->mode(mode_name(monitor_id, mode));
        present != nullptr && present->id == crtc->mode) {
        return crtc->area;
    }
    // A mode of ours that somebody left for another one is still there, and names are unique.
    (void)drop_modes(*state, *output, crtc->mode);
    const auto mode_id = make_mode(*output, monitor_id, mode);
    if (!mode_id) {
        return tl::unexpected(mode_id.error());
    }
    const auto area = light(*state, crtc->id, *output, mode, *mode_id, crtc->area);
    if (!area) {
        (void)randr_.delete_output_mode(output->id, *mode_id);
        (void)randr_.destroy_mode(*mode_id);
        return area;
    }
    (void)drop_modes(*state, *output, *mode_id);
    randr_.set_edid(output->id, edid);
    places_.remember(monitor_id, *area);
    return area;
}

os::Result<xcb_randr_mode_t> X11Outputs::make_mode(const RandrOutput& output,
                                                   std::uint32_t monitor_id,
                                                   const core::Mode& mode) {
    const auto timing = make_timing(mode);
    if (!timing) {
        return tl::unexpected(timing.error());
    }
    const auto id = randr_.create_mode(mode_name(monitor_id, mode), mode, *timing);
    if (!id) {
        return id;
    }
    if (auto added = randr_.add_output_mode(output.id, *id); !added) {
        (void)randr_.destroy_mode(*id);
        return tl::unexpected(std::move(added.error()));
    }
    return id;
}

os::Result<X11Area> X11Outputs::light(const RandrState& state, xcb_randr_crtc_t crtc,
                                      const RandrOutput& output, const core::Mode& mode,
                                      xcb_randr_mode_t mode_id,
                                      const std::optional<X11Area>& wanted) {
    const std::vector<X11Area> others = state.lit_areas(crtc);
    const auto area = place(others, {mode.width, mode.height}, wanted, limits_);
    if (!area) {
        return os::fail("place X monitor", 0, os::Reaction::reject,
                        explain_no_room(mode, others, limits_));
    }
    const X11Size next = next_screen(state.screen, others, area, limits_);
    const X11Size roomy{std::max(next.width, state.screen.width),
                        std::max(next.height, state.screen.height)};
    // The old mode may still show more than `next` holds: grow, switch, then shrink.
    const X11Size grown = fits(limits_, roomy) ? roomy : next;
    if (grown != state.screen) {
        if (auto resized = randr_.resize_screen(grown); !resized) {
            return tl::unexpected(std::move(resized.error()));
        }
    }
    if (auto set = randr_.set_crtc(crtc, area->x, area->y, mode_id, output.id); !set) {
        resize_to(grown, state.screen);
        return tl::unexpected(std::move(set.error()));
    }
    resize_to(grown, next);
    return *area;
}

void X11Outputs::resize_to(const X11Size& current, const X11Size& next) {
    if (current != next) {
        (void)randr_.resize_screen(next);  // a larger screen than needed is harmless
    }
}

os::Result<void> X11Outputs::switch_off(const RandrState& state, const RandrOutput& output) {
    if (output.crtc != 0) {
        if (auto off = randr_.set_crtc(output.crtc, 0, 0, 0, output.id); !off) {
            return off;
        }
    }
    randr_.set_edid(output.id, {});
    return drop_modes(state, output, 0);
}

// Nobody has to choose one on a server that we only visit; a dark one is nobody's choice.
void X11Outputs::keep_primary() {
    const auto state = randr_.read();
    if (!state || (state->primary == 0 && !config_.whole_server) || state->lit(state->primary)) {
        return;
    }
    if (const RandrOutput* next = state->first_lit(0)) {
        randr_.make_primary(next->id);
    }
}

os::Result<void> X11Outputs::drop_modes(const RandrState& state, const RandrOutput& output,
                                        xcb_randr_mode_t keep) {
    os::Result<void> result;
    for (const RandrMode& mode : state.modes) {
        if (mode.id == keep || !is_for(state, output, mode)) {
            continue;
        }
        (void)randr_.delete_output_mode(output.id, mode.id);  // it may be gone already
        auto deleted = randr_.destroy_mode(mode.id);
        if (!deleted) {
            result = std::move(deleted);
        }
    }
    return result;
}

os::Result<void> X11Outputs::unplug(std::uint32_t monitor_id) {
    const auto state = randr_.read();
    if (!state) {
        return tl::unexpected(state.error());
    }
    const RandrOutput* output = state->output(output_name(monitor_id));
    if (output == nullptr) {
        return {};
    }
    auto off = switch_off(*state, *output);
    if (off) {
        resize_to(state->screen, next_screen(state->screen, state->lit_areas(output->crtc),
                                             std::nullopt, limits_));
        keep_primary();
    }
    return off;
}

os::Result<void> X11Outputs::clear_all() {
    const auto state = randr_.read();
    if (!state) {
        return tl::unexpected(state.error());
    }
    os::Result<void> result;
    for (const RandrOutput& output : state->outputs) {
        const bool ours = std::any_of(
            state->modes.begin(), state->modes.end(),
            [&](const RandrMode& mode) { return is_ours(mode.name) && has(output, mode); });
        if (ours || (config_.whole_server && output.crtc != 0)) {
            if (auto off = switch_off(*state, output); !off) {
                result = std::move(off);
            }
        }
    }
    for (const RandrMode& mode : state->modes) {
        if (is_ours(mode.name)) {
            (void)randr_.destroy_mode(mode.id);  // one that no output has any more
        }
    }
    keep_primary();
    return result;
}

}  // namespace pf::driver
