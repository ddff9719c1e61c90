#include <pf/os/state_dir.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

namespace pf::os {

namespace {

// Empty: not set, or no absolute path, which counts as that.
std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] == '/' ? value : "";
}

bool make_directory(const std::string& path) {
    return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

// And those above it.
bool make_directories(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        if (!make_directory(path.substr(0, slash))) {
            return false;
        }
    }
    return make_directory(path);
}

}  // namespace

Result<std::string> state_directory() {
    const std::string base = from_environment("XDG_STATE_HOME");
    if (!base.empty()) {
        return base + "/pf-vdisplay";
    }
    const std::string home = from_environment("HOME");
    if (home.empty()) {
        return fail("find the state directory", 0, Reaction::reject,
                    "neither XDG_STATE_HOME nor HOME names one; set HOME");
    }
    return home + "/.local/state/pf-vdisplay";
}

Result<std::string> make_state_directory() {
    auto path = state_directory();
    if (path && !make_directories(*path)) {
        return fail_last("make the state directory", *path);
    }
    return path;
}

}  // namespace pf::os
