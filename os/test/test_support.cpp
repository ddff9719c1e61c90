#include "test_support.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace pf::os::test {

int open_descriptor_count() {
    int count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

bool eventually(const std::function<bool()>& condition) {
    const std::int64_t deadline_ns = soon();
    while (!condition()) {
        if (now_ns() > deadline_ns) {
            return false;
        }
        sleep_until(deadline_after(kMillisecond));
    }
    return true;
}

ScopedRuntimeDirectory::ScopedRuntimeDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "pf-os-test-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    const char* before = std::getenv("XDG_RUNTIME_DIR");
    was_set_ = before != nullptr;
    before_ = was_set_ ? before : "";
    ::setenv("XDG_RUNTIME_DIR", path_.c_str(), 1);
}

ScopedRuntimeDirectory::~ScopedRuntimeDirectory() {
    if (was_set_) {
        ::setenv("XDG_RUNTIME_DIR", before_.c_str(), 1);
    } else {
        ::unsetenv("XDG_RUNTIME_DIR");
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void sleep_forever() {
    for (;;) {
        ::pause();
    }
}

ForkedChild::ForkedChild(const std::function<void()>& body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        body();
        ::_exit(0);
    }
    pid_ = static_cast<std::uint32_t>(pid);
}

ForkedChild::~ForkedChild() {
    kill_and_reap();
}

void ForkedChild::send_signal(int number) const {
    ::kill(static_cast<pid_t>(pid_), number);
}

void ForkedChild::kill_and_reap() {
    if (!reaped_) {
        reaped_ = true;
        send_signal(SIGKILL);
        ::waitpid(static_cast<pid_t>(pid_), nullptr, 0);
    }
}

}  // namespace pf::os::test
