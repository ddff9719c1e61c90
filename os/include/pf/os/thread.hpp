// A thread of ours, under guard: what its body throws becomes an error of whoever started it, and
// never the end of the process.
#pragma once

#include <functional>
#include <thread>

#include <pf/os/result.hpp>

namespace pf::os {

class GuardedThread {
public:
    using Body = std::function<void()>;
    using OnFailure = std::function<void(const Error&)>;

    GuardedThread() = default;
    GuardedThread(GuardedThread&&) noexcept = default;
    GuardedThread& operator=(GuardedThread&& other) noexcept;
    ~GuardedThread() { join(); }

    // Both run on the new thread and outlive nothing that they use: join() before that goes.
    // `name` is a literal, shown in the system's tools (Linux: its first 15 bytes). An exception of
    // the body ends it and gives one call of `on_failure`, its code 0: retry for want of memory,
    // threads and their like, else bug. What `on_failure` throws is dropped.
    // Errors: retry, no thread or no memory for it; then neither is ever called.
    static Result<GuardedThread> start(const char* name, Body body, OnFailure on_failure);

    // Waits for its end; nothing when there is none. Not from itself.
    void join();
    bool is_current() const { return thread_.get_id() == std::this_thread::get_id(); }
    explicit operator bool() const { return thread_.joinable(); }

private:
    std::thread thread_;
};

}  // namespace pf::os
