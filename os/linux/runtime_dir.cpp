#include <pf/os/runtime_dir.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "private_directory.hpp"

namespace pf::os {

namespace {

bool is_our_directory(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid();
}

}  // namespace

std::string runtime_directory() {
    const char* from_environment = std::getenv("XDG_RUNTIME_DIR");
    if (from_environment != nullptr && from_environment[0] == '/') {
        return std::string(from_environment) + "/pf-vdisplay";
    }
    const std::string user = std::to_string(::geteuid());
    const std::string of_login = "/run/user/" + user;
    return is_our_directory(of_login) ? of_login + "/pf-vdisplay" : "/tmp/pf-vdisplay-" + user;
}

Result<void> make_private_directory(const std::string& path) {
    const std::string base = runtime_directory();
    if (path.starts_with(base + "/")) {
        if (const auto made = make_and_open_private_directory(base); !made) {
            return tl::unexpected(made.error());
        }
    }
    return make_and_open_private_directory(path).map([](Handle&&) {});
}

}  // namespace pf::os
