// What poll(2) and epoll(7) watch for an item of a wait. Internal to os/linux.
#pragma once

#include <poll.h>

#include <pf/os/wait.hpp>

namespace pf::os {

class WaitEntry {
public:
    // A negative descriptor: there is nothing to watch; ppoll skips it.
    static pollfd of(const WaitItem& item);
    static bool is_source(const WaitItem& item) { return item.kind_ == WaitItem::Kind::source; }
};

}  // namespace pf::os
