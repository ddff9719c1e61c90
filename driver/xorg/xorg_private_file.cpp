#include "xorg_private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <pf/os/clock.hpp>
#include <pf/os/handle.hpp>

#include "process/output/descriptor_source.hpp"

namespace pf::driver {
namespace {

constexpr const char* kRead = "read file";
constexpr std::int64_t kPipeNs = 2 * os::kSecond;

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

os::Result<os::Handle> open_to_read(const std::string& path, int flags) {
    os::Handle file =
        os::Handle::adopt(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
    if (!file) {
        const bool absent = errno == ENOENT;
        auto error = os::fail_last(kRead, path);
        error.value().reaction = absent ? os::Reaction::reopen : os::Reaction::reject;
        return error;
    }
    return file;
}

// Waits for what a pipe has not got yet. False: at the deadline.
bool await_readable(int fd, std::int64_t deadline_ns) {
    DescriptorSource pipe(fd);
    return os::wait({pipe}, deadline_ns);
}

os::Result<std::string> read_all(const os::Handle& file, const std::string& path,
                                 std::size_t most_bytes) {
    const std::int64_t deadline_ns = os::deadline_after(kPipeNs);
    const int fd = static_cast<int>(file.native());
    std::string bytes;
    char part[4096];
    for (;;) {
        const ssize_t got = ::read(fd, part, sizeof part);
        if (got > 0) {
            bytes.append(part, static_cast<std::size_t>(got));
        } else if (got == 0) {
            return bytes;
        } else if (errno == EAGAIN && await_readable(fd, deadline_ns)) {
            continue;
        } else if (errno != EINTR) {
            return os::fail_last(kRead, path);
        }
        if (bytes.size() > most_bytes) {
            return os::fail(kRead, 0, os::Reaction::reject, path + " is too large");
        }
    }
}

}  // namespace

os::Result<void> write_private_file(const std::string& path, std::string_view bytes) {
    const std::string draft = path + ".new";
    ::unlink(draft.c_str());
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return os::fail_last("write private file", draft);
    }
    const os::Handle file = os::Handle::adopt(fd);
    if (!write_all(fd, bytes) || ::rename(draft.c_str(), path.c_str()) != 0) {
        auto error = os::fail_last("write private file", path);
        ::unlink(draft.c_str());
        return error;
    }
    return {};
}

os::Result<std::string> read_private_file(const std::string& path, std::size_t most_bytes) {
    const auto file = open_to_read(path, O_NOFOLLOW);
    if (!file) {
        return tl::unexpected(file.error());
    }
    struct stat status {};
    if (::fstat(static_cast<int>(file->native()), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid()) {
        return os::fail(kRead, 0, os::Reaction::reject, path + " is not a plain file of this user");
    }
    return read_all(*file, path, most_bytes);
}

os::Result<std::string> read_users_file(const std::string& path, std::size_t most_bytes) {
    const auto file = open_to_read(path, 0);
    return file ? read_all(*file, path, most_bytes) : tl::unexpected(file.error());
}

}  // namespace pf::driver
