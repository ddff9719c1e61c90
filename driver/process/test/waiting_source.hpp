// A frame source for tests that want the end of each task before they go on.
#pragma once

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "process/output/frame_source.hpp"

namespace pf::driver::test {

class WaitingSource {
public:
    explicit WaitingSource(std::unique_ptr<FrameSource> source)
        : queue_(CompletionQueue::create().value()), source_(std::move(source)) {
        ends_.reserve(1000);
    }

    os::Result<void> plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output) {
        begin_plug(spec, std::move(output));
        return await(SourceTask::plug, spec.number);
    }
    os::Result<void> set_mode(core::MonitorNumber number, const core::Mode& mode) {
        begin_set_mode(number, mode);
        return await(SourceTask::set_mode, number);
    }
    void unplug(core::MonitorNumber number) {
        begin_unplug(number);
        (void)await(SourceTask::unplug, number);
    }

    void begin_plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output) {
        begin(SourceTask::plug, spec.number,
              [&](Completer&& done) { source_->plug(spec, std::move(output), std::move(done)); });
    }
    void begin_set_mode(core::MonitorNumber number, const core::Mode& mode) {
        begin(SourceTask::set_mode, number,
              [&](Completer&& done) { source_->set_mode(number, mode, std::move(done)); });
    }
    void begin_unplug(core::MonitorNumber number) {
        begin(SourceTask::unplug, number,
              [&](Completer&& done) { source_->unplug(number, std::move(done)); });
    }
    // What the task came to.
    os::Result<void> await(SourceTask task, core::MonitorNumber number,
                           std::int64_t patience_ns = 100 * os::kSecond) {
        const std::int64_t deadline_ns = os::deadline_after(patience_ns);
        do {
            while (auto completed = queue_->take()) {
                ends_.push_back(std::move(*completed));
            }
            const auto end = std::find_if(ends_.begin(), ends_.end(), [&](const auto& each) {
                return each.task == task && each.number == number;
            });
            if (end != ends_.end()) {
                os::Result<void> result = std::move(end->result);
                ends_.erase(end);
                return result;
            }
        } while (os::wait({queue_->arrived()}, deadline_ns));
        return os::fail("await a source", 0, os::Reaction::bug, "it never completed");
    }
    FrameSource& source() { return *source_; }

private:
    // As the runtime does.
    template <typename Begin>
    void begin(SourceTask task, core::MonitorNumber number, Begin begin) {
        Completer done(queue_, task, number);
        try {
            begin(std::move(done));
        } catch (const std::exception& error) {
            done.finish(os::fail("begin", 0, os::Reaction::retry, error.what()));
        }
    }

    std::shared_ptr<CompletionQueue> queue_;
    std::vector<SourceCompletion> ends_;  // nobody asked for yet; with room, also without memory
    std::unique_ptr<FrameSource> source_;
};

}  // namespace pf::driver::test
