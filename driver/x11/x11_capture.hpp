// The thread that captures one monitor. It keeps the output's heartbeat going whatever the X
// server does, and never waits for the server without a way out. A picture that stays away for
// long is not passed off as an idle one: the output's ring is given up, so that its host asks
// again. Made and commanded by the source, one command at a time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <pf/os/thread.hpp>

#include "process/output/monitor_output.hpp"
#include "x11_grabber.hpp"
#include "x11_picture_watch.hpp"

namespace pf::driver {

class X11Capture {
public:
    // Idle until show(). `lost` is signalled when the connection breaks; both outlive the capture.
    // Fails when the system has no event or no thread to give.
    static os::Result<std::unique_ptr<X11Capture>> create(MonitorOutput& output,
                                                          const os::Event& lost,
                                                          const PicturePatience& patience);
    // Afterwards nothing touches the output.
    ~X11Capture();
    X11Capture(const X11Capture&) = delete;
    X11Capture& operator=(const X11Capture&) = delete;

    // Captures there from now on, over a new connection.
    void show(const X11View& view);
    // Why the newest show() could not begin. Success: it did, or the server is silent and still
    // asked at the deadline.
    os::Result<void> await_begin(std::int64_t deadline_ns);
    // Ends a show(). False at the deadline: the X server still owes an answer, and may write into
    // a slot until it gives it.
    bool pause(std::int64_t deadline_ns);
    // Told to show and not able to: wants another show().
    bool is_lost() const;

private:
    class Waiting;
    X11Capture(MonitorOutput& output, const os::Event& lost, os::Event wake,
               const PicturePatience& patience);

    void run();
    void give_up(const os::Error& error);
    void turn();
    void serve(const X11View& view);
    // Until other orders come. An error: the connection failed before.
    os::Result<void> grab(const X11View& view);
    void begun();
    void wait_for_news(X11Grabber& grabber);
    std::optional<X11View> next_view();
    bool ordered_off() const;
    bool stopping() const;
    // At most every quarter of a second something reaches the host.
    bool beat();
    void report_health(std::uint32_t health);
    bool is_wanted() const;

    MonitorOutput& output_;
    const os::Event& lost_;
    os::Event wake_;
    // This thread only:
    std::int64_t next_beat_ns_ = 0;
    std::uint64_t source_sequence_ = 0;
    PictureWatch watch_;
    std::int64_t ask_again_ns_ = os::kNever;  // for another show()
    std::int64_t backoff_ns_ = 0;             // before that; 0 after a show() that began

    mutable std::mutex mutex_;
    std::condition_variable settled_;
    bool stop_ = false;
    bool busy_ = false;                 // a show() is being served
    bool gave_up_ = false;              // the thread has ended before its time
    bool has_begun_ = false;            // its grabber is open
    std::optional<os::Error> failure_;  // of the newest show(), once it is lost
    bool is_lost_ = false;
    std::optional<X11View> view_;  // what to show; none: pause
    std::uint64_t revision_ = 0;   // of view_
    std::uint64_t served_ = 0;     // revision that the thread took up
    os::GuardedThread thread_;     // last: it uses all of the above
};

}  // namespace pf::driver
