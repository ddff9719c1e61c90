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

    // Never blocks; safe from any thread, and for one that we created from a signal handler. For
    // an adopted one it returns within a millisecond whatever the other owner does to the event.
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
