// Many things to wait for behind one native handle, for a caller whose own poll, epoll or
// WaitForMultipleObjects has room for one.
#pragma once

#include <memory>
#include <mutex>
#include <span>

#include <pf/os/wait.hpp>

namespace pf::os {

class WaitGroup {
public:
    // Nobody is a member yet. Retry: the system has no descriptor or no memory to give.
    static Result<std::unique_ptr<WaitGroup>> create();
    WaitGroup(const WaitGroup&) = delete;
    WaitGroup& operator=(const WaitGroup&) = delete;

    // These are the members from now on, the ones before are not; any thread, also while somebody
    // waits for handle(). Empty items and repeated ones are skipped. A member that goes before the
    // next set() wakes nobody, or wakes for nothing.
    // Errors: retry, no descriptor or no memory; bug, a raw source (what its library holds in its
    // memory cannot be seen from here). The members are as before then.
    Result<void> set(std::span<const WaitItem> members);

    // The same one for the group's life. Readable (POLLIN) while a member is signalled: nothing is
    // consumed by it, so whoever was woken looks with wait() and a deadline that has passed.
    // Another waiter may have been faster. To be waited for, not to be read, changed or closed.
    const Handle& handle() const { return group_; }

private:
    explicit WaitGroup(Handle group) : group_(std::move(group)) {}

    const Handle group_;
    std::mutex mutex_;
    Handle members_;  // mutex_; what the group waits for: replaced as a whole
};

// Windows, when its turn comes: a registered wait for each member (RegisterWaitForSingleObject),
// once only, that sets one manual-reset event, the native handle. A wait takes an auto-reset
// member's signal, so the callback gives it back (SetEvent) before it sets the group's. wait() and
// set() reset that and register anew.

}  // namespace pf::os
