#include "xorg_private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <pf/os/handle.hpp>

namespace pf::hostproc {
namespace {

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
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        const bool absent = errno == ENOENT;
        auto error = os::fail_last("read private file", path);
        error.value().reaction = absent ? os::Reaction::reopen : os::Reaction::reject;
        return error;
    }
    const os::Handle file = os::Handle::adopt(fd);
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != ::geteuid() ||
        static_cast<std::size_t>(status.st_size) > most_bytes) {
        return os::fail("read private file", 0, os::Reaction::reject,
                        path + " is not a small plain file of this user");
    }
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

}  // namespace pf::hostproc
