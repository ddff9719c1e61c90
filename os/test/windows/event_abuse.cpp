#include <pf/os/test/event_abuse.hpp>

#include <windows.h>

namespace pf::os::test {

void make_blocking(const Event&) {}

void fill_and_make_blocking(const Event& event) {
    event.signal();
}

bool is_ready(Handle::Native native) {
    return ::WaitForSingleObject(reinterpret_cast<HANDLE>(native), 0) == WAIT_OBJECT_0;
}

}  // namespace pf::os::test
