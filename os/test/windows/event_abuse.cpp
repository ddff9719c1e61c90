#include <pf/os/test/event_abuse.hpp>

#include "native_handle.hpp"

namespace pf::os::test {

void make_blocking(const Event&) {}

void fill_and_make_blocking(const Event& event) {
    event.signal();
}

bool is_ready(Handle::Native native, std::int64_t deadline_ns) {
    return ::WaitForSingleObject(reinterpret_cast<HANDLE>(native),
                                 milliseconds_until(deadline_ns)) == WAIT_OBJECT_0;
}

}  // namespace pf::os::test
