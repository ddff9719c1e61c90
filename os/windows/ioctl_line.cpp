#include "ioctl_line.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <pf/os/device_channel.hpp>
#include <pf/os/event.hpp>
#include <pf/os/wait.hpp>

#include "detached_thread.hpp"
#include "native_handle.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "call device";
// What the system gets to end the calls on a driver whose process has ended.
constexpr std::int64_t kLastWordsNs = 200 * kMillisecond;

}  // namespace

// One call and its buffers: its caller's and its worker's, since either may be the last.
struct IoctlLine::Job {
    DWORD code = 0;
    std::vector<std::byte> input;
    std::vector<std::byte> output;
    Left left = Left::cancelled;
    Event done;
    OVERLAPPED overlapped{};
    std::atomic<bool> cancel{false};
    // The line's mutex:
    bool running = false;
    bool finished = false;
    DWORD error = 0;
    DWORD bytes = 0;
};

// A thread of the line. Its own once it has been detached.
struct IoctlLine::Worker {
    NativeThread thread;
    Handle completion;  // of its overlapped calls
    bool busy = false;  // the line's mutex; with a call, which the system may never give back
};

struct IoctlLine::Shared {
    const DeviceCalls calls;
    std::mutex mutex;  // never held while the system works; for everything below
    std::condition_variable work_or_end;
    std::shared_ptr<const Handle> device;  // a worker has its own; null: hung up
    std::deque<std::shared_ptr<Job>> queue;
    std::vector<std::shared_ptr<Worker>> workers;
    std::size_t idle = 0;
    bool ended = false;
};

IoctlLine::IoctlLine(const DeviceCalls& calls, Handle device)
    : shared_(new Shared{.calls = calls,
                         .mutex = {},
                         .work_or_end = {},
                         .device = std::make_shared<const Handle>(std::move(device)),
                         .queue = {},
                         .workers = {}}) {}

// Only calls that are to be served are in the queue by now, and the workers see to them first.
IoctlLine::~IoctlLine() {
    std::vector<std::shared_ptr<Worker>> idle;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->ended = true;
        shared_->device.reset();  // a close may take its time: a worker's, where there is one
        for (const auto& worker : shared_->workers) {
            if (worker->busy || !shared_->queue.empty()) {
                worker->thread.detach();
            } else {
                idle.push_back(worker);
            }
        }
        shared_->work_or_end.notify_all();
    }
    for (const auto& worker : idle) {
        worker->thread.join();
    }
}

void IoctlLine::hang_up() {
    std::shared_ptr<const Handle> device;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->ended = true;
        device.swap(shared_->device);
        for (const auto& job : shared_->queue) {
            job->finished = true;
            job->error = ERROR_OPERATION_ABORTED;
            job->done.signal();
        }
        shared_->queue.clear();
        shared_->work_or_end.notify_all();
    }
    if (device != nullptr) {
        (void)shared_->calls.cancel_io(handle_of(*device), nullptr);
    }
}

Result<IoctlAnswer> IoctlLine::call(DWORD code, std::span<const std::byte> input,
                                    std::size_t output_bytes, Left left, const Patience& patience,
                                    const Process& driver) {
    auto done = Event::create();
    if (!done) {
        return tl::unexpected(done.error());
    }
    const auto job = std::make_shared<Job>();
    job->code = code;
    job->input.assign(input.begin(), input.end());
    job->output.resize(output_bytes);
    job->left = left;
    job->done = std::move(*done);
    if (const auto queued = enqueue(job); !queued) {
        return tl::unexpected(queued.error());
    }
    WaitItem items[] = {job->done, patience.flags[0], patience.flags[1], patience.flags[2], driver};
    (void)wait(items, patience.deadline_ns);
    const bool driver_ended = items[4].ready();
    if (driver_ended && !items[0].ready()) {
        (void)wait({job->done}, std::min(patience.deadline_ns, deadline_after(kLastWordsNs)));
    }
    if (auto answer = answer_of(job)) {
        return std::move(*answer);
    }
    if (driver_ended) {
        return fail(kOperation, 0, Reaction::reopen, "the driver's process has ended");
    }
    return patience.cancelled()
               ? fail(kOperation, DeviceChannel::kCancelled, Reaction::retry, "cancelled")
               : fail(kOperation, DeviceChannel::kTimeout, Reaction::retry,
                      "the driver did not answer in time");
}

Result<void> IoctlLine::enqueue(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->ended) {
        return fail(kOperation, 0, Reaction::reopen, "the device is not in use any more");
    }
    if (shared_->queue.size() >= shared_->idle && shared_->workers.size() < kMaxWorkers) {
        if (const auto added = add_worker(); !added && shared_->workers.empty()) {
            return added;
        }
    }
    shared_->queue.push_back(job);
    shared_->work_or_end.notify_one();
    return {};
}

Result<void> IoctlLine::add_worker() {
    const auto worker = std::make_shared<Worker>();
    worker->completion = adopt_handle(shared_->calls.create_event(nullptr, TRUE, FALSE, nullptr));
    if (!worker->completion) {
        return fail_last(kOperation, "no event for its completion");
    }
    shared_->workers.reserve(kMaxWorkers);
    auto started = start_thread("pf device", [shared = shared_, device = shared_->device, worker] {
        work(shared, device, *worker);
    });
    if (!started) {
        return tl::unexpected(started.error());
    }
    worker->thread = std::move(*started);
    shared_->workers.push_back(worker);
    return {};
}

// Without one the caller is taken to have left: what the system makes of its cancelling is no
// answer.
std::optional<IoctlAnswer> IoctlLine::answer_of(const std::shared_ptr<Job>& job) {
    std::shared_ptr<const Handle> device;
    {
        const std::lock_guard lock(shared_->mutex);
        if (job->finished) {
            job->output.resize(std::min<std::size_t>(job->bytes, job->output.size()));
            return IoctlAnswer{job->error, std::move(job->output)};
        }
        if (job->left == Left::served) {
            return std::nullopt;
        }
        job->cancel.store(true);
        if (!job->running) {
            std::erase(shared_->queue, job);
            return std::nullopt;
        }
        device = shared_->device;
    }
    if (device != nullptr) {
        (void)shared_->calls.cancel_io(handle_of(*device), &job->overlapped);
    }
    return std::nullopt;
}

void IoctlLine::work(const std::shared_ptr<Shared>& shared,
                     const std::shared_ptr<const Handle>& device, Worker& worker) {
    std::unique_lock lock(shared->mutex);
    for (;;) {
        ++shared->idle;
        shared->work_or_end.wait(lock, [&] { return shared->ended || !shared->queue.empty(); });
        --shared->idle;
        if (shared->queue.empty()) {
            return;
        }
        const std::shared_ptr<Job> job = std::move(shared->queue.front());
        shared->queue.pop_front();
        job->running = true;
        worker.busy = true;
        lock.unlock();
        run(shared->calls, *device, worker.completion, *job);
        lock.lock();
        worker.busy = false;
        job->finished = true;
        job->done.signal();
    }
}

void IoctlLine::run(const DeviceCalls& calls, const Handle& device, const Handle& completion,
                    Job& job) {
    job.overlapped.hEvent = handle_of(completion);
    const auto size = [](const auto& bytes) { return static_cast<DWORD>(bytes.size()); };
    bool done = calls.device_io_control(
        handle_of(device), job.code, job.input.empty() ? nullptr : job.input.data(),
        size(job.input), job.output.empty() ? nullptr : job.output.data(), size(job.output),
        &job.bytes, &job.overlapped);
    if (!done && ::GetLastError() == ERROR_IO_PENDING) {
        if (job.cancel.load()) {  // its caller left when there was nothing to cancel yet
            (void)calls.cancel_io(handle_of(device), &job.overlapped);
        }
        done = calls.get_overlapped_result(handle_of(device), &job.overlapped, &job.bytes, TRUE);
    }
    job.error = done ? ERROR_SUCCESS : ::GetLastError();
}

}  // namespace pf::os
