// What the control thread wants of the X server, for the thread that talks to it. At most one plug
// or mode change of a monitor at a time, and then its unplug; oldest first. Thread-safe; held only
// for moments.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <pf/core/adapter.hpp>
#include <pf/os/event.hpp>

#include "process/output/completion_queue.hpp"
#include "process/output/monitor_output.hpp"

namespace pf::driver {

struct X11Order {
    SourceTask task = SourceTask::plug;
    core::MonitorNumber number = 0;
    std::uint32_t monitor_id = 0;
    core::Mode mode = {};  // of a plug or a change
    core::Luminance luminance = {};
    std::shared_ptr<MonitorOutput> output = {};
    std::int64_t asked_ns = 0;
    bool again = false;  // the server died under it once
};

class X11Orders {
public:
    explicit X11Orders(os::Event arrived) : arrived_(std::move(arrived)) {}

    // May throw bad_alloc; then nothing is wanted.
    void plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output,
              Completer&& done);
    void set_mode(core::MonitorNumber number, const core::Mode& mode, Completer&& done);
    // What is wanted for the monitor and not begun yet is given up.
    void unplug(core::MonitorNumber number, Completer&& done) noexcept;

    // The next one to serve; it stays the next one until it is finished. `only_unplugs`: nothing
    // else can be done now.
    std::optional<X11Order> next(bool only_unplugs);
    void finish(const X11Order& order, os::Result<void> result) noexcept;
    // It is served once more.
    void try_again(const X11Order& order);
    // Fails what nobody began within its patience. The line says what it waited for.
    void expire(std::int64_t now_ns, std::int64_t patience_ns, const std::string& line);

    // Signalled when there is something new.
    const os::Event& arrived() const { return arrived_; }

private:
    struct Wanted {
        X11Order order;
        Completer done;
        bool begun = false;
    };
    struct Entry {
        std::uint64_t turn = 0;  // counts up with every order
        std::optional<Wanted> wanted;
        std::optional<Completer> leave;
    };

    static bool is_idle(const Entry& entry) { return !entry.wanted && !entry.leave; }

    const os::Event arrived_;
    std::mutex mutex_;
    std::uint64_t next_turn_ = 1;
    std::map<core::MonitorNumber, Entry> entries_;  // from plug to the end of unplug
};

}  // namespace pf::driver
