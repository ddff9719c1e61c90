#include <pf/os/wait_group.hpp>

#include <sys/epoll.h>

#include <cerrno>
#include <new>

#include "descriptor_poll.hpp"
#include "wait_entry.hpp"

namespace pf::os {

namespace {

Result<Handle> make_epoll() {
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) {
        return fail_last("create wait group", "no descriptor for it");
    }
    return Handle::adopt(descriptor);
}

bool add(const Handle& epoll, const pollfd& entry) {
    epoll_event wanted{};
    wanted.events = static_cast<std::uint32_t>(entry.events);  // POLLIN is EPOLLIN
    return ::epoll_ctl(descriptor_of(epoll), EPOLL_CTL_ADD, entry.fd, &wanted) == 0 ||
           errno == EEXIST;
}

}  // namespace

Result<std::unique_ptr<WaitGroup>> WaitGroup::create() {
    auto group = make_epoll();
    if (!group) {
        return tl::unexpected(std::move(group.error()));
    }
    std::unique_ptr<WaitGroup> made(new (std::nothrow) WaitGroup(std::move(*group)));
    if (made == nullptr) {
        return fail("create wait group", 0, Reaction::retry, "no memory");
    }
    return made;
}

// The members are an epoll of their own within the group's, so that one step replaces them all. It
// forgets them with its own end: one by one they could not be taken out, since an event that its
// owner closed stays in an epoll for as long as another process has it too.
Result<void> WaitGroup::set(std::span<const WaitItem> members) {
    constexpr const char* kSet = "change wait group";
    auto next = make_epoll();
    if (!next) {
        return tl::unexpected(std::move(next.error()));
    }
    for (const WaitItem& member : members) {
        if (WaitEntry::is_source(member)) {
            return fail(kSet, 0, Reaction::bug, "a raw source cannot be a member");
        }
        const pollfd entry = WaitEntry::of(member);
        if (entry.fd >= 0 && !add(*next, entry)) {
            return fail_last(kSet, "a member cannot be added");
        }
    }
    const std::lock_guard lock(mutex_);
    if (!add(group_, {descriptor_of(*next), POLLIN, 0})) {
        return fail_last(kSet, "the members cannot be added");
    }
    if (members_) {
        ::epoll_ctl(descriptor_of(group_), EPOLL_CTL_DEL, descriptor_of(members_), nullptr);
    }
    members_ = std::move(*next);
    return {};
}

}  // namespace pf::os
