#include <pf/os/flag.hpp>

#include "native_handle.hpp"

namespace pf::os {

Result<Flag> Flag::create() {
    NobodyElse access;
    Handle handle = adopt_handle(::CreateEventW(access.attributes(), TRUE, FALSE, nullptr));
    if (!handle) {
        return fail_last("create flag", "no handle for it");
    }
    return Flag(std::move(handle));
}

void Flag::set() const {
    ::SetEvent(handle_of(handle_));
}

void Flag::reset() const {
    ::ResetEvent(handle_of(handle_));
}

bool Flag::is_set() const {
    return handle_ && ::WaitForSingleObject(handle_of(handle_), 0) == WAIT_OBJECT_0;
}

}  // namespace pf::os
