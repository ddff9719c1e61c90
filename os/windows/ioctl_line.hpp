// Many callers on one device handle whose driver may stand still. A stopped driver can hold the
// thread that calls it, overlapped or not, so calls run on threads of the line, and a caller waits
// for an answer no longer than it likes. Internal to os/windows.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <pf/os/handle.hpp>
#include <pf/os/patience.hpp>
#include <pf/os/process.hpp>

#include "device_calls.hpp"

namespace pf::os {

struct IoctlAnswer {
    DWORD code = 0;                   // the system's; 0: success
    std::vector<std::byte> output{};  // as long as the driver wrote
};

class IoctlLine {
public:
    // Threads that one line has at most. Calls beyond that wait for one of them.
    static constexpr std::size_t kMaxWorkers = 8;

    IoctlLine(const DeviceCalls& calls, Handle device);
    IoctlLine(const IoctlLine&) = delete;
    // Threads with a call of theirs are left to it: the handle closes when the last lets go of it.
    ~IoctlLine();

    // What becomes of a call that its caller has left.
    enum class Left {
        cancelled,  // taken back as far as it can be
        served,     // still asked for, and its answer dropped
    };

    // Any thread, several at once. Waits until the answer, the patience's end (kTimeout,
    // kCancelled: retry), or a little after the end of `driver`, which may be empty (reopen).
    Result<IoctlAnswer> call(DWORD code, std::span<const std::byte> input, std::size_t output_bytes,
                             Left left, const Patience& patience, const Process& driver);

    // Every call ends, and the handle closes as soon as the system gives them back. Later calls
    // give reopen.
    void hang_up();

private:
    struct Job;
    struct Worker;
    struct Shared;
    static void work(const std::shared_ptr<Shared>& shared,
                     const std::shared_ptr<const Handle>& device, Worker& worker);
    static void run(const DeviceCalls& calls, const Handle& device, const Handle& completion,
                    Job& job);
    Result<void> enqueue(const std::shared_ptr<Job>& job);
    Result<void> add_worker();
    std::optional<IoctlAnswer> answer_of(const std::shared_ptr<Job>& job);

    const std::shared_ptr<Shared> shared_;
};

}  // namespace pf::os
