// An unnamed auto-reset event: any number of signals before a wait wake it once.
#pragma once

#include <pf/os/handle.hpp>

namespace pf::os {

class Event {
public:
    Event() = default;
    static Result<Event> create();
    // Takes an event from another process. Refuses (reject) what is not an event.
    static Result<Event> adopt(Handle handle);

    // Any thread. One that we created and nobody else has: never blocks, also from a signal
    // handler. One that we created and gave away is only waited for: whoever got it can make a
    // signal of ours block for good. An adopted one: returns within a millisecond whatever its
    // other owner does to it; where this process can have no timer (see foreign_signal.hpp), as
    // long as that owner does not strike between our look and our write.
    void signal() const;
    void clear() const;  // forgets pending signals; never blocks
    const Handle& handle() const { return handle_; }
    explicit operator bool() const { return static_cast<bool>(handle_); }

private:
    explicit Event(Handle handle) : handle_(std::move(handle)) {}
    Handle handle_;
    bool adopted_ = false;
};

}  // namespace pf::os
