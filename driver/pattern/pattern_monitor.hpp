// One monitor of the pattern source: a thread that makes frames at exactly the mode's rate and
// publishes them into the monitor's output. Made and destroyed on the control thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <pf/core/adapter.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/thread.hpp>

#include "pattern_options.hpp"
#include "pattern_painter.hpp"
#include "process/output/monitor_output.hpp"
#include "process/output/pace_schedule.hpp"

namespace pf::driver {

class PatternMonitor {
public:
    // `output` outlives this. Retry: the system has no flag, no memory or no thread to give.
    static os::Result<std::unique_ptr<PatternMonitor>> start(std::uint32_t target_id,
                                                             const core::Mode& mode,
                                                             MonitorOutput& output,
                                                             const PatternOptions& options);
    ~PatternMonitor();  // when it returns, the output is not touched any more
    PatternMonitor(const PatternMonitor&) = delete;
    PatternMonitor& operator=(const PatternMonitor&) = delete;

    // Takes effect with the next turn of the thread, at once.
    void set_mode(const core::Mode& mode);

private:
    PatternMonitor(std::uint32_t target_id, const core::Mode& mode, MonitorOutput& output,
                   const PatternOptions& options, os::Flag stop);
    void run();
    void give_up(const os::Error& error);
    void show_pointers_shape();
    void take_new_mode();
    bool frame_due(std::int64_t now_ns) const;
    std::int64_t next_turn_ns(std::int64_t now_ns) const;
    void try_show(std::uint64_t sequence);
    void show(std::uint64_t sequence);
    void draw(Drawing& drawing, std::uint64_t sequence);
    core::Surface update_surface(std::uint64_t sequence);
    core::DamageRegion damage_since_offered(std::uint64_t sequence) const;
    void show_pointer(std::uint64_t sequence);
    PatternPainter make_painter(const core::Mode& mode) const;

    const std::uint32_t target_id_;
    MonitorOutput& output_;
    const PatternOptions options_;
    os::Flag stop_;

    std::mutex mode_mutex_;
    std::optional<core::Mode> new_mode_;  // guarded by mode_mutex_

    // The thread's own.
    core::Mode mode_;
    PatternPainter painter_;
    PaceSchedule schedule_;
    std::uint64_t next_slot_ = 0;  // of the schedule
    std::uint64_t sequence_ = 0;   // of the newest frame; 0 before the first
    std::vector<std::byte> surface_;
    std::optional<std::uint64_t> drawn_;    // what the surface shows
    std::optional<std::uint64_t> offered_;  // the newest frame that the output was offered
    os::GuardedThread thread_;              // last: it uses all of the above
};

}  // namespace pf::driver
