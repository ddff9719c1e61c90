#include "x11_source.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <bitset>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <spdlog/spdlog.h>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "x11_capture.hpp"
#include "x11_desktop.hpp"
#include "x11_pixels.hpp"

namespace pf::hostproc {
namespace {

constexpr std::int64_t kFirstBackoffNs = 50 * os::kMillisecond;
constexpr std::int64_t kMostBackoffNs = 2 * os::kSecond;
// How long an operation waits for a server that is being replaced; a start takes about 0.2 s.
constexpr std::chrono::seconds kRebuildPatience{5};
constexpr std::int64_t kPauseNs = 2 * os::kSecond;
// How long a new monitor's capture may take to begin before the server counts as silent.
constexpr std::int64_t kBeginNs = 2 * os::kSecond;

struct Monitor {
    std::uint32_t monitor_id = 0;
    core::Mode mode;
    core::Luminance luminance;
    X11Area area;
    std::unique_ptr<X11Capture> capture;
};

core::Edid edid_of(const Monitor& monitor, const core::Mode& mode) {
    return core::Edid::make(monitor.monitor_id, mode, monitor.luminance);
}

// What `work` ran out of is its error: no exception of this source ends the driver.
template <typename Work>
os::Result<void> without_exceptions(const char* operation, Work work) {
    try {
        return work();
    } catch (const std::exception& error) {  // no memory, no thread
        return os::fail(operation, 0, os::Reaction::retry, error.what());
    }
}

class X11Source : public FrameSource {
public:
    X11Source(X11Options options, os::Event lost, os::Flag quit)
        : desktop_(std::move(options)), lost_(std::move(lost)), quit_(std::move(quit)) {}
    ~X11Source() override;

    os::Result<void> start();

    os::Result<void> plug(const core::MonitorSpec& spec, MonitorOutput& output) override;
    os::Result<void> set_mode(std::uint32_t target_id, const core::Mode& mode) override;
    void unplug(std::uint32_t target_id) override;
    bool gives(std::uint32_t dxgi_format) const override {
        return hostproc::gives(pixels_.load(), dxgi_format);
    }

private:
    // Runs `change` on a server that is there; once more on the next one if it dies meanwhile.
    template <typename Change>
    os::Result<void> on_desktop(std::unique_lock<std::mutex>& locked, Change change);
    template <typename Change>
    os::Result<void> or_start_over(Change change);
    bool await_desktop(std::unique_lock<std::mutex>& locked);
    os::Result<void> learn_pixels();
    void show(Monitor& monitor, const X11Area& area);
    os::Result<void> plug_monitor(const core::MonitorSpec& spec, MonitorOutput& output);
    os::Result<void> light(Monitor& monitor);
    void take_off(std::uint32_t monitor_id);

    void supervise();
    os::Result<void> repair();
    void note_trouble(const os::Error& error);
    void show_lost();
    os::Result<void> remove_strays();
    os::Result<void> replug_all();

    std::mutex mutex_;
    std::condition_variable repaired_;
    X11Desktop desktop_;                         // locked while ready_, else the supervisor's own
    bool ready_ = false;                         // the desktop is open and every monitor is on it
    std::map<std::uint32_t, Monitor> monitors_;  // by target id
    std::bitset<32> strays_;  // monitor ids that could not be taken off the server
    std::string trouble_;     // why the newest repair did not help
    std::atomic<X11Pixels> pixels_{X11Pixels::bgr8};
    const os::Event lost_;  // something broke: look at the server
    const os::Flag quit_;
    std::thread supervisor_;
};

os::Result<void> X11Source::start() {
    if (auto opened = desktop_.open_patiently(); !opened) {
        return opened;
    }
    if (auto known = learn_pixels(); !known) {
        desktop_.close();
        return known;
    }
    ready_ = true;
    supervisor_ = std::thread([this] { supervise(); });
    return {};
}

os::Result<void> X11Source::learn_pixels() {
    const auto pixels = pixels_of(desktop_.outputs().connection());
    if (!pixels) {
        return tl::unexpected(pixels.error());
    }
    pixels_ = *pixels;
    return {};
}

X11Source::~X11Source() {
    quit_.set();
    if (supervisor_.joinable()) {
        supervisor_.join();
    }
    monitors_.clear();
    desktop_.close();
}

bool X11Source::await_desktop(std::unique_lock<std::mutex>& locked) {
    return repaired_.wait_for(locked, kRebuildPatience, [this] { return ready_; });
}

template <typename Change>
os::Result<void> X11Source::on_desktop(std::unique_lock<std::mutex>& locked, Change change) {
    for (int attempt = 0;; ++attempt) {
        if (!await_desktop(locked)) {
            return os::fail("change X monitors", 0, os::Reaction::retry,
                            trouble_.empty() ? "the X server is being restarted"
                                             : "no X server at the moment; last: " + trouble_);
        }
        os::Result<void> done = or_start_over(change);
        if (done || done.error().reaction != os::Reaction::reopen || attempt > 0) {
            return done;
        }
        ready_ = false;
        lost_.signal();
    }
}

// Whatever an exception cut short on the server: everything of ours is taken off and put back.
template <typename Change>
os::Result<void> X11Source::or_start_over(Change change) {
    try {
        return change();
    } catch (const std::exception& error) {  // no memory
        ready_ = false;
        lost_.signal();
        return os::fail("change X monitors", 0, os::Reaction::retry, error.what());
    }
}

void X11Source::show(Monitor& monitor, const X11Area& area) {
    monitor.area = area;
    monitor.capture->show({desktop_.endpoint(), X11Outputs::output_name(monitor.monitor_id),
                           monitor.mode.refresh_hz});
}

os::Result<void> X11Source::plug(const core::MonitorSpec& spec, MonitorOutput& output) {
    return without_exceptions("plug X monitor", [&] { return plug_monitor(spec, output); });
}

os::Result<void> X11Source::plug_monitor(const core::MonitorSpec& spec, MonitorOutput& output) {
    auto capture = X11Capture::create(output, lost_);
    if (!capture) {
        return tl::unexpected(std::move(capture.error()));
    }
    std::map<std::uint32_t, Monitor> made;  // of one, so that nothing can fail once it is lit
    Monitor& monitor = made[spec.target_id];
    monitor = {spec.monitor_id, spec.mode, spec.luminance, {}, {}};
    monitor.capture = std::move(*capture);
    std::unique_lock locked(mutex_);
    const auto done = on_desktop(locked, [&] { return light(monitor); });
    if (done) {
        monitors_.merge(made);
    }
    return done;
}

os::Result<void> X11Source::light(Monitor& monitor) {
    if (auto cleared = remove_strays(); !cleared) {
        return cleared;
    }
    const auto area = desktop_.outputs().plug(monitor.monitor_id, monitor.mode,
                                              edid_of(monitor, monitor.mode).bytes());
    if (!area) {
        return tl::unexpected(area.error());
    }
    show(monitor, *area);
    auto begun = monitor.capture->await_begin(os::deadline_after(kBeginNs));
    if (!begun && !desktop_.gone()) {
        // One more connection is refused: no reason to start over with everybody's monitors.
        begun.error().reaction = os::Reaction::retry;
        take_off(monitor.monitor_id);
    }
    return begun;
}

// What cannot be taken off now is taken off before the next monitor comes.
void X11Source::take_off(std::uint32_t monitor_id) {
    if (!ready_) {
        return;  // the next server never sees it
    }
    const auto off = without_exceptions("unplug X monitor",
                                        [&] { return desktop_.outputs().unplug(monitor_id); });
    if (!off) {
        spdlog::warn("monitor {}: {}", monitor_id, off.error().message());
        strays_.set(monitor_id);
        lost_.signal();
    }
}

os::Result<void> X11Source::set_mode(std::uint32_t target_id, const core::Mode& mode) {
    std::unique_lock locked(mutex_);
    return on_desktop(locked, [&]() -> os::Result<void> {
        const auto at = monitors_.find(target_id);
        if (at == monitors_.end()) {
            return os::fail("set X mode", 0, os::Reaction::reject, "no such monitor");
        }
        Monitor& monitor = at->second;
        // No picture of the old place may reach the output once the new mode is there.
        if (!monitor.capture->pause(os::deadline_after(kPauseNs))) {
            show(monitor, monitor.area);
            return os::fail("set X mode", 0, os::Reaction::retry, "the X server does not answer");
        }
        const auto area =
            desktop_.outputs().set_mode(monitor.monitor_id, mode, edid_of(monitor, mode).bytes());
        if (!area) {
            show(monitor, monitor.area);
            return tl::unexpected(area.error());
        }
        monitor.mode = mode;
        show(monitor, *area);
        return {};
    });
}

void X11Source::unplug(std::uint32_t target_id) {
    Monitor monitor;
    {
        std::unique_lock locked(mutex_);
        const auto at = monitors_.find(target_id);
        if (at == monitors_.end()) {
            return;
        }
        monitor = std::move(at->second);
        monitors_.erase(at);
    }
    monitor.capture.reset();
    const std::lock_guard locked(mutex_);
    take_off(monitor.monitor_id);
}

void X11Source::supervise() {
    for (;;) {
        if (os::wait_one_of({&lost_, &desktop_.server(), &quit_}, os::kNever) ==
            os::Woke::cancelled) {
            return;
        }
        bool mended = false;
        for (std::int64_t backoff_ns = kFirstBackoffNs; !mended;
             backoff_ns = std::min(backoff_ns * 2, kMostBackoffNs)) {
            const auto done = without_exceptions("repair", [this] { return repair(); });
            mended = done.has_value();
            if (!mended) {
                spdlog::warn("X server: {}", done.error().message());
                note_trouble(done.error());
            }
            // After a success too: what breaks again at once must not make this spin.
            if (os::wait_one_of({.cancel = &quit_}, os::deadline_after(backoff_ns)) ==
                os::Woke::cancelled) {
                return;
            }
        }
    }
}

void X11Source::note_trouble(const os::Error& error) {
    const std::lock_guard locked(mutex_);
    (void)without_exceptions("note", [&]() -> os::Result<void> {
        trouble_ = error.message();
        return {};
    });
}

os::Result<void> X11Source::repair() {
    {
        const std::lock_guard locked(mutex_);
        if (ready_ && !desktop_.gone()) {
            show_lost();
            return remove_strays();
        }
        ready_ = false;
        spdlog::warn("X server: it is gone; starting over with {} monitors", monitors_.size());
    }
    if (auto opened = desktop_.open(); !opened) {
        return opened;
    }
    if (auto known = learn_pixels(); !known) {
        return known;
    }
    const std::lock_guard locked(mutex_);
    if (auto plugged = replug_all(); !plugged) {
        return plugged;
    }
    strays_.reset();
    trouble_.clear();
    ready_ = true;
    repaired_.notify_all();
    return {};
}

os::Result<void> X11Source::remove_strays() {
    for (std::uint32_t id = 0; id < strays_.size(); ++id) {
        if (!strays_.test(id)) {
            continue;
        }
        if (auto off = desktop_.outputs().unplug(id); !off) {
            return off;
        }
        strays_.reset(id);
    }
    return {};
}

void X11Source::show_lost() {
    for (auto& [target_id, monitor] : monitors_) {
        if (monitor.capture->is_lost()) {
            show(monitor, monitor.area);
        }
    }
}

os::Result<void> X11Source::replug_all() {
    for (auto& [target_id, monitor] : monitors_) {
        const auto area = desktop_.outputs().plug(
            monitor.monitor_id, monitor.mode, edid_of(monitor, monitor.mode).bytes(), monitor.area);
        if (!area) {
            return tl::unexpected(area.error());
        }
        show(monitor, *area);
    }
    return {};
}

}  // namespace

os::Result<std::unique_ptr<FrameSource>> make_x11_source(const X11Options& options) {
    ::signal(SIGPIPE, SIG_IGN);
    auto lost = os::Event::create();
    auto quit = os::Flag::create();
    if (!lost || !quit) {
        return tl::unexpected(lost ? std::move(quit.error()) : std::move(lost.error()));
    }
    auto source = std::make_unique<X11Source>(options, std::move(*lost), std::move(*quit));
    if (auto started = without_exceptions("start the x11 source", [&] { return source->start(); });
        !started) {
        return tl::unexpected(std::move(started.error()));
    }
    return source;
}

}  // namespace pf::hostproc
