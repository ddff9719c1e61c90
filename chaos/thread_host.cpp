// A host under test in a thread of this process.
#include <mutex>
#include <system_error>
#include <thread>

#include <pf/os/wait.hpp>

#include "crew.hpp"

namespace pf::chaos {
namespace {

class ThreadHost : public CrewMember {
public:
    ThreadHost(HostOptions options, os::Flag stop, os::Flag ended)
        : stop_(std::move(stop)),
          ended_(std::move(ended)),
          host_(with_emit(std::move(options)), stop_),
          thread_([this] {
              host_.run();
              ended_.set();
          }) {}
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
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace

os::Result<std::unique_ptr<CrewMember>> start_thread_host(HostOptions options) {
    auto stop = os::Flag::create();
    auto ended = os::Flag::create();
    if (!stop || !ended) {
        return tl::unexpected(stop ? ended.error() : stop.error());
    }
    try {
        return std::make_unique<ThreadHost>(std::move(options), std::move(*stop),
                                            std::move(*ended));
    } catch (const std::system_error& e) {
        return os::fail("start a host", e.code().value(), os::Reaction::retry,
                        "no thread could be started");
    }
}

}  // namespace pf::chaos
