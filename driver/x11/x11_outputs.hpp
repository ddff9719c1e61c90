// Virtual monitors as RandR outputs: monitor id N is output DUMMYN. Every operation either
// succeeds or leaves the server as it was. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <pf/core/mode.hpp>

#include "x11_places.hpp"
#include "x11_randr.hpp"

namespace pf::driver {

struct X11OutputsConfig {
    std::string instance;      // names our modes, so that others' are left alone
    bool whole_server = true;  // nobody else sets outputs: clear_all() may switch off every one
};

class X11Outputs {
public:
    static os::Result<X11Outputs> open(const X11Endpoint& endpoint, X11OutputsConfig config,
                                       std::int64_t deadline_ns);

    // Switches the output on at exactly `mode`: at `wanted`, or where it lay last time, while that
    // is free. reject: no such output, it is in use, no room, or a mode that RandR cannot say; the
    // error's line has the numbers. Returns where it lies. While monitors are on, one is primary.
    os::Result<X11Area> plug(std::uint32_t monitor_id, const core::Mode& mode,
                             std::span<const std::uint8_t> edid,
                             const std::optional<X11Area>& wanted = std::nullopt);
    // The same for an output that is on; `edid` is the one of the new mode.
    os::Result<X11Area> set_mode(std::uint32_t monitor_id, const core::Mode& mode,
                                 std::span<const std::uint8_t> edid);
    os::Result<void> unplug(std::uint32_t monitor_id);
    // Removes what a dead driver of this instance left, and on a whole server everything that is
    // on. The screen keeps its size, so that programs find their place again.
    os::Result<void> clear_all();

    X11Connection& connection() { return *connection_; }
    // Asked while the server owes an answer to an operation, which otherwise (null) fails
    // after seconds. Not owned.
    void set_patience(X11Patience* patience) {
        connection_->set_patience(patience);
        randr_.trust_patience(patience != nullptr);
    }
    // The monitor's output, as RandR names it.
    static std::string output_name(std::uint32_t monitor_id);

private:
    X11Outputs(X11Connection connection, X11OutputsConfig config);

    std::string mode_name(std::uint32_t monitor_id, const core::Mode& mode) const;
    bool is_ours(const std::string& mode_name) const;
    bool is_for(const RandrState& state, const RandrOutput& output, const RandrMode& mode) const;
    std::string made_for(const RandrMode& mode) const;
    // Places, grows the screen, sets the CRTC, fits the screen; undoes the screen on failure.
    os::Result<X11Area> light(const RandrState& state, xcb_randr_crtc_t crtc,
                              const RandrOutput& output, const core::Mode& mode,
                              xcb_randr_mode_t mode_id, const std::optional<X11Area>& wanted);
    os::Result<xcb_randr_mode_t> make_mode(const RandrOutput& output, std::uint32_t monitor_id,
                                           const core::Mode& mode);
    // What there is of it, switched off and with a CRTC for it; or why not.
    os::Result<const RandrCrtc*> find_free(const RandrState& state, std::uint32_t monitor_id) const;
    // Deletes our modes on the output, except `keep`.
    os::Result<void> drop_modes(const RandrState& state, const RandrOutput& output,
                                xcb_randr_mode_t keep);
    os::Result<void> switch_off(const RandrState& state, const RandrOutput& output);
    // Passes "primary" on when the output that has it is off.
    void keep_primary();
    void resize_to(const X11Size& current, const X11Size& next);

    std::unique_ptr<X11Connection> connection_;
    X11Randr randr_;
    X11Places places_;
    X11OutputsConfig config_;
    X11Limits limits_{};
};

}  // namespace pf::driver
