#include <pf/os/wait_handle.hpp>

#include <sys/epoll.h>

#include <cerrno>

#include "descriptor_poll.hpp"

namespace pf::os {

Result<WaitHandle> WaitHandle::create() {
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) {
        return fail_last("create wait handle", "no descriptor for it");
    }
    return WaitHandle(Handle::adopt(descriptor));
}

Result<void> WaitHandle::watch(const Handle& handle) const {
    epoll_event what{};
    what.events = EPOLLIN;
    const int done =
        ::epoll_ctl(descriptor_of(handle_), EPOLL_CTL_ADD, descriptor_of(handle), &what);
    if (done != 0 && errno != EEXIST) {
        return fail_last("watch an event", "the system has no room for it");
    }
    return {};
}

void WaitHandle::forget(const Event& event) const {
    epoll_event ignored{};
    ::epoll_ctl(descriptor_of(handle_), EPOLL_CTL_DEL, descriptor_of(event.handle()), &ignored);
}

void WaitHandle::settle() const {}  // epoll looks at them as they are

}  // namespace pf::os
