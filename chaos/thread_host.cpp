// A host under test in a thread of this process.
#include <mutex>

#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>

#include "crew.hpp"

namespace pf::chaos {
namespace {

class ThreadHost : public CrewMember {
public:
    ThreadHost(HostOptions options, os::Flag stop, os::Flag ended)
        : stop_(std::move(stop)),
          ended_(std::move(ended)),
          host_(with_emit(std::move(options)), stop_) {}
    os::Result<void> start() {
        auto thread = os::GuardedThread::start(
            "pf host",
            [this] {
                host_.run();
                ended_.set();
            },
            [this](const os::Error& error) {
                const std::lock_guard lock(mutex_);
                events_.push_back(
                    {.kind = HostEventKind::failed, .monitor = {}, .text = error.message()});
                ended_.set();
            });
        if (!thread) {
            return tl::unexpected(thread.error());
        }
        thread_ = std::move(*thread);
        return {};
    }
    ~ThreadHost() override {
        stop_.set();
        thread_.join();
    }
    ThreadHost(const ThreadHost&) = delete;
    ThreadHost& operator=(const ThreadHost&) = delete;

    std::vector<HostEvent> drain() override {
        std::vector<HostEvent> events;
        const std::lock_guard lock(mutex_);
        events.swap(events_);
        return events;
    }
    bool command(const HostCommand& command) override {
        host_.command(command);
        return true;
    }
    void ask_to_end() override { stop_.set(); }
    bool wait_ended(std::int64_t deadline_ns) override { return os::wait({ended_}, deadline_ns); }
    const os::Process* process() const override { return nullptr; }

private:
    HostOptions with_emit(HostOptions options) {
        options.emit = [this](const HostEvent& event) {
            const std::lock_guard lock(mutex_);
            events_.push_back(event);
        };
        return options;
    }

    os::Flag stop_;
    os::Flag ended_;
    std::mutex mutex_;
    std::vector<HostEvent> events_;  // mutex_
    HostUnderTest host_;
    os::GuardedThread thread_;  // last: it uses all of the above
};

}  // namespace

os::Result<std::unique_ptr<CrewMember>> start_thread_host(HostOptions options) {
    auto stop = os::Flag::create();
    auto ended = os::Flag::create();
    if (!stop || !ended) {
        return tl::unexpected(stop ? ended.error() : stop.error());
    }
    auto host =
        std::make_unique<ThreadHost>(std::move(options), std::move(*stop), std::move(*ended));
    if (auto started = host->start(); !started) {
        return tl::unexpected(started.error());
    }
    return host;
}

}  // namespace pf::chaos
