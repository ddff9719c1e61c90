#include <pf/os/whole_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "descriptor_poll.hpp"

namespace pf::os {

namespace {

Handle open_file(const std::string& path, int flags) {
    return Handle::adopt(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
}

bool write_all(const Handle& file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor_of(file), content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

// A name that a crash of the machine may take back is not yet changed.
bool sync_directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Handle handle =
        Handle::adopt(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return handle && ::fsync(descriptor_of(handle)) == 0;
}

}  // namespace

Result<std::optional<std::string>> read_whole_file(const std::string& path,
                                                   std::size_t most_bytes) {
    const Handle file = open_file(path, O_RDONLY | O_NONBLOCK);
    if (!file && errno == ENOENT) {
        return std::nullopt;
    }
    std::string content(most_bytes + 1, '\0');
    std::size_t size = 0;
    ssize_t taken = 1;
    while (file && taken > 0 && size < content.size()) {
        taken = ::read(descriptor_of(file), content.data() + size, content.size() - size);
        size += taken > 0 ? static_cast<std::size_t>(taken) : 0;
    }
    if (!file || taken < 0) {
        return fail_last("read", path);
    }
    if (size > most_bytes) {
        return fail("read", 0, Reaction::reject, path + " is too large to be one of ours");
    }
    content.resize(size);
    return content;
}

Result<void> write_whole_file(const std::string& path, std::string_view content) {
    const std::string fresh = path + ".new";
    Handle file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file || !write_all(file, content) || ::fsync(descriptor_of(file)) != 0) {
        return fail_last("write", fresh);
    }
    file.reset();
    if (::rename(fresh.c_str(), path.c_str()) != 0 || !sync_directory_of(path)) {
        return fail_last("write", path);
    }
    return {};
}

Result<Handle> hold_file(const std::string& path) {
    Handle file = open_file(path, O_RDWR | O_CREAT);
    if (file && ::flock(descriptor_of(file), LOCK_EX | LOCK_NB) == 0) {
        return file;
    }
    if (file && errno == EWOULDBLOCK) {
        return fail("hold", errno, Reaction::retry, path + ": another program has it");
    }
    return fail_last("hold", path);
}

Result<void> remove_whole_file(const std::string& path) {
    const bool gone = ::unlink(path.c_str()) == 0 || errno == ENOENT;
    if (!gone || !sync_directory_of(path)) {
        return fail_last("remove", path);
    }
    return {};
}

}  // namespace pf::os
