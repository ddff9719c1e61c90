// The hosts under test: every second one in a process of its own, the others in threads of this
// one; the first two of those share their display. One thread; the destructor ends them all.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <pf/os/process.hpp>

#include "host_under_test.hpp"

namespace pf::chaos {

// One host, wherever it runs. Destroying it ends it.
class CrewMember {
public:
    virtual ~CrewMember() = default;
    virtual std::vector<HostEvent> drain() = 0;            // what it told since the last call
    virtual bool command(const HostCommand& command) = 0;  // false: it takes none
    virtual void ask_to_end() = 0;
    virtual bool wait_ended(std::int64_t deadline_ns) = 0;
    virtual const os::Process* process() const = 0;  // null: a thread
};

struct CrewOptions {
    std::string instance;
    std::uint64_t seed = 0;
    std::size_t hosts = 1;
    bool stamped = true;
    std::string directory;  // for the logs of host processes
    std::function<void(host::RebuildReason, std::uint32_t)> on_rebuild;  // any thread
};

class Crew {
public:
    explicit Crew(CrewOptions options);

    std::size_t size() const { return members_.size(); }
    static bool in_process(std::size_t host) { return host % 2 == 1; }

    // Begins host number `host`, in the place of one that ended.
    os::Result<void> start(std::size_t host, host::PixelFormat format);
    CrewMember* member(std::size_t host) { return members_[host].get(); }  // null: none
    void forget(std::size_t host) { members_[host].reset(); }

private:
    HostOptions options_for(std::size_t host, host::PixelFormat format);

    CrewOptions options_;
    DisplayShare share_;
    std::uint64_t lives_ = 0;
    std::vector<std::unique_ptr<CrewMember>> members_;
};

os::Result<std::unique_ptr<CrewMember>> start_thread_host(HostOptions options);
// `log` is a file that does not exist yet.
os::Result<std::unique_ptr<CrewMember>> start_process_host(const HostOptions& options,
                                                           const std::string& log);

// The other end of start_process_host(): what the process does, until it is interrupted.
struct Options;  // of the program
int run_worker(const Options& options);

}  // namespace pf::chaos
