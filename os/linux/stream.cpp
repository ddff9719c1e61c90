#include <pf/os/stream.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "descriptor_poll.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "write";

std::string name_of(Stream stream) {
    return stream == Stream::output ? "standard output" : "standard error";
}

}  // namespace

Result<void> write_stream(Stream stream, std::string_view text, std::int64_t deadline_ns,
                          const Flag* cancel) {
    const int descriptor = stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO;
    while (!text.empty()) {
        pollfd entries[] = {{descriptor, POLLOUT, 0},
                            {cancel != nullptr ? descriptor_of(cancel->handle()) : -1, POLLIN, 0}};
        if (!poll_until(entries, deadline_ns)) {
            return fail(kOperation, ETIMEDOUT, Reaction::retry,
                        name_of(stream) + " is not read from");
        }
        if (entries[0].revents == 0) {
            return fail(kOperation, ECANCELED, Reaction::retry, name_of(stream) + ": interrupted");
        }
        // A pipe that can be written takes this much without blocking (pipe(7)).
        const ssize_t count =
            ::write(descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR && errno != EAGAIN) {
            return fail_last(kOperation, "cannot write to " + name_of(stream));
        }
    }
    return {};
}

}  // namespace pf::os
