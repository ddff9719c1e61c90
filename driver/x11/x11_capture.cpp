#include "x11_capture.hpp"

#include <algorithm>
#include <exception>

#include <spdlog/spdlog.h>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::driver {
namespace {

constexpr const char* kCapture = "capture X screen";
constexpr std::int64_t kBeatNs = os::kSecond / 5;
// A server that owes an answer for longer is stopped or wedged; a loaded one is faster.
constexpr std::int64_t kSilentNs = 2 * os::kSecond;
constexpr std::int64_t kRestNs = 50 * os::kMillisecond;
// Who is refused at once is refused again.
constexpr std::int64_t kFirstBackoffNs = 50 * os::kMillisecond;
constexpr std::int64_t kMostBackoffNs = os::kSecond;

}  // namespace

// While the server owes an answer: beats go on, a stop is heard, long silence shows in the health.
class X11Capture::Waiting : public X11Patience {
public:
    explicit Waiting(X11Capture& capture) : capture_(capture) {}

    int wake_descriptor() const override {
        return static_cast<int>(capture_.wake_.handle().native());
    }
    bool turn(std::int64_t waited_ns) override {
        capture_.wake_.clear();
        capture_.beat();
        if (waited_ns > kSilentNs && !silent_) {
            silent_ = true;
            capture_.report_health(proto::kHealthRebuilding);
        }
        return !capture_.stopping();
    }
    void answered() {
        if (silent_) {
            silent_ = false;
            capture_.report_health(proto::kHealthActive);
        }
    }

private:
    X11Capture& capture_;
    bool silent_ = false;
};

os::Result<std::unique_ptr<X11Capture>> X11Capture::create(MonitorOutput& output,
                                                           const os::Event& lost,
                                                           const PicturePatience& patience) {
    auto wake = os::Event::create();
    if (!wake) {
        return tl::unexpected(std::move(wake.error()));
    }
    std::unique_ptr<X11Capture> capture(new X11Capture(output, lost, std::move(*wake), patience));
    auto thread = os::GuardedThread::start(
        "x11 capture", [raw = capture.get()] { raw->run(); },
        [raw = capture.get()](const os::Error& error) { raw->give_up(error); });
    if (!thread) {
        return tl::unexpected(std::move(thread.error()));
    }
    capture->thread_ = std::move(*thread);
    return capture;
}

X11Capture::X11Capture(MonitorOutput& output, const os::Event& lost, os::Event wake,
                       const PicturePatience& patience)
    : output_(output), lost_(lost), wake_(std::move(wake)), watch_(patience, os::now_ns()) {}

X11Capture::~X11Capture() {
    {
        const std::lock_guard locked(mutex_);
        stop_ = true;
    }
    wake_.signal();
    thread_.join();
}

void X11Capture::show(const X11View& view) {
    {
        const std::lock_guard locked(mutex_);
        view_ = view;
        ++revision_;
        is_lost_ = false;
        has_begun_ = false;
        failure_.reset();
    }
    wake_.signal();
}

os::Result<void> X11Capture::await_begin(std::int64_t deadline_ns) {
    std::unique_lock locked(mutex_);
    const std::chrono::nanoseconds left(std::max<std::int64_t>(deadline_ns - os::now_ns(), 0));
    settled_.wait_for(locked, left,
                      [this] { return has_begun_ || gave_up_ || failure_.has_value(); });
    if (gave_up_) {
        return os::fail(kCapture, 0, os::Reaction::retry,
                        "its thread has ended, see the log; add the monitor again");
    }
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    return {};
}

bool X11Capture::pause(std::int64_t deadline_ns) {
    std::unique_lock locked(mutex_);
    view_.reset();
    ++revision_;
    is_lost_ = false;
    wake_.signal();
    const std::chrono::nanoseconds left(std::max<std::int64_t>(deadline_ns - os::now_ns(), 0));
    return settled_.wait_for(locked, left, [this] { return !busy_; });
}

bool X11Capture::is_lost() const {
    const std::lock_guard locked(mutex_);
    return is_lost_;
}

bool X11Capture::stopping() const {
    const std::lock_guard locked(mutex_);
    return stop_;
}

bool X11Capture::ordered_off() const {
    const std::lock_guard locked(mutex_);
    return stop_ || revision_ != served_;
}

std::optional<X11View> X11Capture::next_view() {
    const std::lock_guard locked(mutex_);
    if (revision_ == served_) {
        return std::nullopt;
    }
    std::optional<X11View> view = view_;  // without memory for it, it is still to be served
    served_ = revision_;
    busy_ = view.has_value();
    return view;
}

// The ring first: its host adds the monitor again then, and what is said here may find no memory.
void X11Capture::give_up(const os::Error& error) {
    output_.detach();
    {
        const std::lock_guard locked(mutex_);
        gave_up_ = true;
        busy_ = false;
    }
    settled_.notify_all();
    spdlog::error("no more pictures of a monitor: {}", error.message());
}

void X11Capture::run() {
    while (!stopping()) {
        try {
            turn();
        } catch (const std::exception& error) {  // no memory, even for telling so
            os::sleep_until(os::deadline_after(kRestNs));
        }
    }
}

void X11Capture::turn() {
    if (const auto view = next_view()) {
        serve(*view);
    } else {
        os::wait({wake_}, std::min(next_beat_ns_, ask_again_ns_));
        beat();
        if (os::now_ns() >= ask_again_ns_) {
            ask_again_ns_ = os::kNever;
            lost_.signal();
        }
    }
}

void X11Capture::serve(const X11View& view) {
    ask_again_ns_ = os::kNever;
    os::Result<void> grabbed;
    try {
        grabbed = grab(view);
    } catch (const std::exception& error) {  // no memory, no thread
        grabbed = os::fail(kCapture, 0, os::Reaction::retry, error.what());
    }
    const bool lost = !grabbed && !ordered_off();
    if (lost) {
        report_health(proto::kHealthRebuilding);
    }
    {
        const std::lock_guard locked(mutex_);
        busy_ = false;
        is_lost_ = lost && revision_ == served_;
        if (is_lost_) {
            failure_ = std::move(grabbed.error());
        }
    }
    settled_.notify_all();
    if (lost) {
        ask_again_ns_ = os::deadline_after(backoff_ns_);
        backoff_ns_ = std::clamp(backoff_ns_ * 2, kFirstBackoffNs, kMostBackoffNs);
    }
}

os::Result<void> X11Capture::grab(const X11View& view) {
    Waiting waiting(*this);
    const std::int64_t asked_ns = os::now_ns();
    const auto grabber = X11Grabber::open(view, output_, waiting, source_sequence_);
    const bool refused = os::now_ns() - asked_ns < X11Grabber::kOpenNs;  // or else silent
    watch_.tell_asked();
    if (!grabber) {
        if (refused) {
            watch_.tell_lost();
        }
        return tl::unexpected(grabber.error());
    }
    begun();
    while (!ordered_off()) {
        if (auto stepped = (*grabber)->step(); !stepped) {
            watch_.tell_lost();
            return stepped;
        }
        watch_.answered(os::now_ns());
        waiting.answered();
        wait_for_news(**grabber);
        if (beat()) {
            (*grabber)->want_pointer();
        }
    }
    return {};
}

void X11Capture::begun() {
    backoff_ns_ = 0;
    {
        const std::lock_guard locked(mutex_);
        has_begun_ = revision_ == served_;
    }
    settled_.notify_all();
}

void X11Capture::wait_for_news(X11Grabber& grabber) {
    os::WaitItem items[] = {grabber.news(), output_.changed(), wake_};
    os::wait(items, std::min(grabber.due_ns(), next_beat_ns_));
    if (items[1].ready()) {
        grabber.want_whole_frame();
    }
}

bool X11Capture::beat() {
    const std::int64_t now_ns = os::now_ns();
    if (now_ns < next_beat_ns_) {
        return false;
    }
    next_beat_ns_ = now_ns + kBeatNs;
    output_.heartbeat();
    if (watch_.gives_up(is_wanted(), now_ns)) {
        output_.detach();
    }
    return true;
}

bool X11Capture::is_wanted() const {
    const std::lock_guard locked(mutex_);
    return view_.has_value();
}

void X11Capture::report_health(std::uint32_t health) {
    output_.set_health(health);
}

}  // namespace pf::driver
