// An unnamed manual-reset flag: once set it stays so, and every waiter sees it. Never shared with
// another process. What one waiter takes is an Event.
#pragma once

#include <pf/os/handle.hpp>

namespace pf::os {

class Flag {
public:
    Flag() = default;
    static Result<Flag> create();

    // Any thread, and signal handlers; never blocks. Setting it again changes nothing.
    void set() const;
    void reset() const;
    bool is_set() const;  // an empty one never is

    const Handle& handle() const { return handle_; }
    explicit operator bool() const { return static_cast<bool>(handle_); }

private:
    explicit Flag(Handle handle) : handle_(std::move(handle)) {}
    Handle handle_;
};

}  // namespace pf::os
