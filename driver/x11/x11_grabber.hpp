// One monitor's capture over one connection: follows its output over the screen, collects damage,
// and turns it into frames of the monitor's output at most at the rate of its mode. One thread.
#pragma once

#include <xcb/damage.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <pf/core/damage_region.hpp>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "process/output/monitor_output.hpp"
#include "x11_damage.hpp"
#include "x11_output_watch.hpp"
#include "x11_pixels.hpp"
#include "x11_pointer.hpp"
#include "x11_shm.hpp"

namespace pf::driver {

struct X11View {
    X11Endpoint endpoint;
    std::string output;  // as RandR names it
    std::uint32_t refresh_millihertz = 60'000;
};

class X11Grabber {
public:
    // How long open() waits for a server that does not answer a new connection. It is the wait
    // that nothing interrupts: short, for the sake of the heartbeat.
    static constexpr std::int64_t kOpenNs = os::kSecond;

    // All but `view` outlives the grabber. `source_sequence` counts the monitor's frames, over all
    // of its grabbers: a ring may see several of them.
    static os::Result<std::unique_ptr<X11Grabber>> open(const X11View& view, MonitorOutput& output,
                                                        X11Patience& patience,
                                                        std::uint64_t& source_sequence);
    ~X11Grabber();

    // Told of when the server has news, also those that lie in xcb's memory already.
    os::RawSource& news() { return news_; }
    // The output changed hands: the next frame is a whole one.
    void want_whole_frame() { whole_ = true; }
    // Look at the pointer even though the server told nothing: a warp is not told.
    void want_pointer() { pointer_hint_ = true; }
    // When step() has something to do without any news from the server.
    std::int64_t due_ns() const;
    // Takes the server's news and publishes what is due, and takes what came with the server's
    // answers. Any error: open another grabber.
    os::Result<void> step();

private:
    class News final : public os::RawSource {
    public:
        explicit News(X11Grabber& grabber) : grabber_(grabber) {}
        os::Handle::Native native() const override;
        bool has_queued() override;

    private:
        X11Grabber& grabber_;
    };
    X11Grabber(X11Connection connection, X11Pixels pixels, const X11View& view,
               MonitorOutput& output, std::uint64_t& source_sequence);
    os::Result<void> watch();
    os::Result<void> take_events();
    bool take_queued_events();  // false: there were none
    void take_event(const xcb_generic_event_t& event);
    // Goes where the output is now.
    os::Result<void> follow();
    void add_damage(const X11Area& rect);
    bool wanted() const {
        return !place_.switched_off() && (whole_ || pointer_hint_ || !damage_.empty());
    }
    os::Result<void> frame();
    void tell_pointer(bool excluded);
    // What the picture of the pointer changes in the frame.
    void add_pointer_damage(bool excluded);
    os::Result<void> draw(bool excluded);
    // The first time in a ring.
    os::Result<void> give_slots(const Drawing& drawing);
    os::Result<void> fill(Drawing& drawing, bool excluded);
    // The picture that is in memory now becomes the slot's.
    void finish(Drawing& drawing, core::DamageRegion::Rows rows, bool excluded);

    X11Connection connection_;
    News news_{*this};
    X11Pixels pixels_;
    std::vector<std::uint32_t> formats_;  // that the frames can be given in
    X11OutputWatch place_;
    X11Area area_;  // of the place, as followed last
    MonitorOutput& output_;
    X11Pointer pointer_;
    X11Shm shm_;
    FramePacer pacer_;
    xcb_damage_damage_t damage_id_ = 0;
    std::uint32_t repair_id_ = 0;  // region of the monitor
    core::DamageRegion damage_;
    std::uint64_t damage_ticks_ = 0;  // when the first of `damage_` became known
    bool whole_ = true;
    bool pointer_hint_ = true;
    PointerView drawn_;               // in the newest frame; not visible: none is
    PointerView told_;                // on the cursor channel
    std::uint64_t& source_sequence_;  // of the newest frame
};

}  // namespace pf::driver
