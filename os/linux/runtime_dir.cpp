#include <pf/os/runtime_dir.hpp>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include <pf/os/program.hpp>

#include "native_codes.hpp"
#include "private_directory.hpp"
#include "runtime_base.hpp"

namespace pf::os {

namespace {

constexpr const char* kBaseVariable = "XDG_RUNTIME_DIR";

bool is_our_directory(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid();
}

// Null: not set. An empty one counts as that (XDG Base Directory Specification).
const char* from_environment() {
    const char* value = std::getenv(kBaseVariable);
    return value != nullptr && value[0] != '\0' ? value : nullptr;
}

std::string user_text(uid_t user) {
    passwd entry{};
    passwd* found = nullptr;
    char names[4096];
    const bool named = ::getpwuid_r(user, &entry, names, sizeof names, &found) == 0 && found;
    return "user " + std::to_string(user) + (named ? " (" + std::string(entry.pw_name) + ")" : "");
}

tl::unexpected<Error> fail_base(const std::string& base, std::int64_t code, Reaction reaction,
                                const std::string& why) {
    return fail("use the runtime directory", code, reaction,
                "XDG_RUNTIME_DIR names " + base + ", " + why);
}

// What others own is not used, not even where we could (root): a directory of ours in it would lock
// its owner out.
Result<void> check_base(const std::string& base) {
    if (base[0] != '/') {
        return fail_base(base, 0, Reaction::reject,
                         "which is no absolute path; set it right, or unset it");
    }
    struct stat status {};
    if (::stat(base.c_str(), &status) != 0) {
        const int code = errno;
        return fail_base(base, code, reaction_of_native(code),
                         code == ENOENT ? "which does not exist; make it (mkdir -m 700), or unset "
                                          "the variable"
                                        : "which cannot be looked at");
    }
    if (!S_ISDIR(status.st_mode)) {
        return fail_base(base, 0, Reaction::reject, "which is no directory");
    }
    if (status.st_uid != ::geteuid()) {
        return fail_base(base, 0, Reaction::reject,
                         "the directory of " + user_text(status.st_uid) + ", and this runs as " +
                             user_text(::geteuid()) +
                             "; run it as that user, or with the variable unset (sudo without -E, "
                             "su with -)");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        return fail_base(base, 0, Reaction::reject,
                         "which everyone may write to; make it private: chmod 700");
    }
    return {};
}

Result<void> check_environment() {
    const char* base = from_environment();
    return base != nullptr ? check_base(base) : Result<void>();
}

}  // namespace

std::string runtime_directory() {
    if (const char* base = from_environment(); base != nullptr && base[0] == '/') {
        return std::string(base) + "/pf-vdisplay";
    }
    const std::string user = std::to_string(::geteuid());
    const std::string of_login = "/run/user/" + user;
    return is_our_directory(of_login) ? of_login + "/pf-vdisplay" : "/tmp/pf-vdisplay-" + user;
}

Result<void> set_runtime_base(const std::string& base) {
    return set_environment(kBaseVariable, base);
}

Result<Handle> open_runtime_directory() {
    if (const auto checked = check_environment(); !checked) {
        return tl::unexpected(checked.error());
    }
    return open_private_directory(runtime_directory());
}

Result<Handle> make_and_open_runtime_directory() {
    if (auto checked = check_environment(); !checked) {
        checked.error().reaction = Reaction::reject;  // no driver will make it
        return tl::unexpected(checked.error());
    }
    return make_and_open_private_directory(runtime_directory());
}

Result<void> make_private_directory(const std::string& path) {
    const std::string base = runtime_directory();
    if (path.starts_with(base + "/")) {
        if (const auto made = make_and_open_runtime_directory(); !made) {
            return tl::unexpected(made.error());
        }
    }
    return make_and_open_private_directory(path).map([](Handle&&) {});
}

}  // namespace pf::os
