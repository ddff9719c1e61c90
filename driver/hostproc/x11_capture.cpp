#include "x11_capture.hpp"

#include <poll.h>

#include <algorithm>
#include <ctime>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::hostproc {
namespace {

constexpr std::int64_t kBeatNs = os::kSecond / 5;
// A server that owes an answer for longer is stopped or wedged; a loaded one is faster.
constexpr std::int64_t kSilentNs = 2 * os::kSecond;

timespec to_timespec(std::int64_t duration_ns) {
    return {static_cast<time_t>(duration_ns / os::kSecond),
            static_cast<long>(duration_ns % os::kSecond)};
}

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
                                                           const os::Event& lost) {
    auto wake = os::Event::create();
    if (!wake) {
        return tl::unexpected(std::move(wake.error()));
    }
    return std::unique_ptr<X11Capture>(new X11Capture(output, lost, std::move(*wake)));
}

X11Capture::X11Capture(MonitorOutput& output, const os::Event& lost, os::Event wake)
    : output_(output), lost_(lost), wake_(std::move(wake)), thread_([this] { run(); }) {}

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
    }
    wake_.signal();
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
    served_ = revision_;
    busy_ = view_.has_value();
    return view_;
}

void X11Capture::run() {
    while (!stopping()) {
        if (const auto view = next_view()) {
            serve(*view);
        } else {
            os::wait({.event = &wake_}, next_beat_ns_);
            beat();
        }
    }
}

void X11Capture::serve(const X11View& view) {
    const bool lost = !grab(view) && !ordered_off();
    if (lost) {
        report_health(proto::kHealthRebuilding);
    }
    {
        const std::lock_guard locked(mutex_);
        busy_ = false;
        is_lost_ = lost && revision_ == served_;
    }
    settled_.notify_all();
    if (lost) {
        lost_.signal();
    }
}

bool X11Capture::grab(const X11View& view) {
    Waiting waiting(*this);
    const auto grabber = X11Grabber::open(view, output_, waiting, source_sequence_);
    while (grabber && !ordered_off()) {
        if (!(*grabber)->step()) {
            return false;
        }
        waiting.answered();
        wait_for_news(**grabber);
        if (beat()) {
            (*grabber)->want_pointer();
        }
    }
    return grabber.has_value();
}

void X11Capture::wait_for_news(X11Grabber& grabber) {
    const std::int64_t until_ns = std::min(grabber.due_ns(), next_beat_ns_);
    const timespec timeout = to_timespec(std::max<std::int64_t>(until_ns - os::now_ns(), 0));
    pollfd entries[] = {{grabber.descriptor(), POLLIN, 0},
                        {static_cast<int>(output_.changed().handle().native()), POLLIN, 0},
                        {static_cast<int>(wake_.handle().native()), POLLIN, 0}};
    ::ppoll(entries, std::size(entries), &timeout, nullptr);
    if (entries[2].revents != 0) {
        wake_.clear();
    }
    if (entries[1].revents != 0) {
        output_.changed().clear();
        grabber.want_whole_frame();
    }
}

bool X11Capture::beat() {
    const std::int64_t now_ns = os::now_ns();
    if (now_ns < next_beat_ns_) {
        return false;
    }
    next_beat_ns_ = now_ns + kBeatNs;
    const auto locked = output_.lock();
    output_.publisher().heartbeat(os::now_ticks());
    return true;
}

void X11Capture::report_health(std::uint32_t health) {
    const auto locked = output_.lock();
    output_.publisher().set_health(health);
}

}  // namespace pf::hostproc
