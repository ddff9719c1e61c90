#include <pf/os/directory_hold.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor_poll.hpp"

namespace pf::os {

Result<Handle> hold_directory(const std::string& path) {
    constexpr const char* kOperation = "hold directory";
    Handle directory =
        Handle::adopt(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!directory || ::fstat(descriptor_of(directory), &status) != 0) {
        return fail_last(kOperation, path);
    }
    if (status.st_uid != ::geteuid()) {
        return fail(kOperation, EPERM, Reaction::reject, path + " is another user's");
    }
    if (::flock(descriptor_of(directory), LOCK_EX | LOCK_NB) != 0) {
        return fail(kOperation, errno, Reaction::reject, path + " is in use");
    }
    return directory;
}

}  // namespace pf::os
