// What frame sources completed, on its way to the control thread. Sources post from any thread;
// the control thread waits for arrived() and takes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <pf/core/adapter.hpp>
#include <pf/os/event.hpp>
#include <pf/os/result.hpp>

namespace pf::driver {

enum class SourceTask { plug, set_mode, unplug };

struct SourceCompletion {
    SourceTask task;
    core::MonitorNumber number;
    os::Result<void> result;
};

class CompletionQueue {
public:
    // retry: no memory, or no event left to give.
    static os::Result<std::shared_ptr<CompletionQueue>> create();

    // Needs no memory: there is room for everything that core can have begun at one time.
    void post(SourceCompletion completion) noexcept;
    // The oldest one.
    std::optional<SourceCompletion> take();
    // Signalled when there may be some.
    const os::Event& arrived() const { return arrived_; }

private:
    explicit CompletionQueue(os::Event arrived);

    os::Event arrived_;
    std::mutex mutex_;
    std::vector<SourceCompletion> completed_;  // oldest last
};

// The one end of one task. A source that lets go of it unfinished has given the task up, and that
// is what the control thread is told.
class Completer {
public:
    Completer(std::shared_ptr<CompletionQueue> queue, SourceTask task, core::MonitorNumber number)
        : queue_(std::move(queue)), task_(task), number_(number) {}
    Completer(Completer&&) noexcept = default;
    Completer& operator=(Completer&& other) noexcept;
    ~Completer() { give_up(); }

    // Any thread; once.
    void finish(os::Result<void> result) noexcept;

private:
    void give_up() noexcept;

    std::shared_ptr<CompletionQueue> queue_;  // null: finished
    SourceTask task_;
    core::MonitorNumber number_;
};

}  // namespace pf::driver
