#include "private_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor_poll.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "open private directory";

Result<void> prove_private(const Handle& directory, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor_of(directory), &status) != 0) {
        return fail_last(kOperation, path);
    }
    if (status.st_uid != ::geteuid()) {
        return fail(kOperation, 0, Reaction::reject,
                    path + " belongs to user " + std::to_string(status.st_uid) +
                        ", and this runs as user " + std::to_string(::geteuid()));
    }
    if ((status.st_mode & 077) != 0) {
        return fail(kOperation, 0, Reaction::reject,
                    path + " is open to others; make it private: chmod 700");
    }
    return {};
}

}  // namespace

Result<Handle> open_private_directory(const std::string& path) {
    Handle directory =
        Handle::adopt(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) {
        const bool wrong_kind = errno == ENOTDIR || errno == ELOOP;
        return fail_last(kOperation, path + (wrong_kind ? " is a link or no directory" : ""));
    }
    if (const auto proven = prove_private(directory, path); !proven) {
        return tl::unexpected(proven.error());
    }
    return directory;
}

Result<Handle> make_and_open_private_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail("make private directory", errno, Reaction::reject, "cannot make " + path);
    }
    return open_private_directory(path);
}

std::string path_inside(const Handle& directory, const char* name) {
    return "/proc/self/fd/" + std::to_string(descriptor_of(directory)) + "/" + name;
}

}  // namespace pf::os
