#include <pf/os/test/event_abuse.hpp>

#include <fcntl.h>
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

bool is_ready(Handle::Native native, std::int64_t deadline_ns) {
    pollfd entries[] = {{static_cast<int>(native), POLLIN, 0}};
    return poll_until(entries, deadline_ns);
}

}  // namespace pf::os::test
