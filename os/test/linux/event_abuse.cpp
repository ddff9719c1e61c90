#include <pf/os/test/event_abuse.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "descriptor_poll.hpp"

namespace pf::os::test {

void make_blocking(const Event& event) {
    ::fcntl(descriptor_of(event.handle()), F_SETFL, 0);
}

void fill_and_make_blocking(const Event& event) {
    const std::uint64_t full = UINT64_MAX - 1;
    make_blocking(event);
    (void)!::write(descriptor_of(event.handle()), &full, sizeof full);
}

bool is_ready(Handle::Native native) {
    pollfd entry{static_cast<int>(native), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

}  // namespace pf::os::test
