// One native handle for a program's own poll or epoll loop that stands for several events and
// flags of ours. (Windows: registered waits that set one manual-reset event.)
#pragma once

#include <memory>

#include <pf/os/event.hpp>
#include <pf/os/flag.hpp>

namespace pf::os {

class WaitHandle {
public:
    WaitHandle() = default;
    static Result<WaitHandle> create();

    // From now on an event or flag of ours counts; it is forgotten before it ends. What was not
    // watched may be forgotten, what is watched may be watched again. Any thread.
    Result<void> watch(const Event& event) const { return watch(event.handle()); }
    Result<void> watch(const Flag& flag) const { return watch(flag.handle()); }
    void forget(const Event& event) const;

    // After signals were taken: the handle is ready again only if one of them is signalled now.
    void settle() const;

    // Ready (Linux: POLLIN; Windows: signalled) as long as one of them is signalled; waiting takes
    // no signal. Windows: from the first one on until settle().
    const Handle& handle() const { return handle_; }
    explicit operator bool() const { return static_cast<bool>(handle_); }

private:
    explicit WaitHandle(Handle handle) : handle_(std::move(handle)) {}
    Result<void> watch(const Handle& handle) const;
    struct System;
    Handle handle_;
    std::shared_ptr<System> system_;  // Windows: the waits behind it
};

}  // namespace pf::os
