// What the tests of os/ share.
#pragma once

#include <string>

#include <functional>

#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>

namespace pf::os::test {

// Long enough for a loaded machine under a sanitizer; never waited for when all is well.
inline std::int64_t soon() {
    return deadline_after(30 * kSecond);
}

int open_descriptor_count();

// Polls until it is true, or the deadline of soon() passes.
bool eventually(const std::function<bool()>& condition);

// A private XDG_RUNTIME_DIR for one test, removed afterwards.
class ScopedRuntimeDirectory {
public:
    ScopedRuntimeDirectory();
    ~ScopedRuntimeDirectory();
    const std::string& path() const { return path_; }

private:
    std::string path_;
    std::string before_;
    bool was_set_ = false;
};

[[noreturn]] void sleep_forever();

// A forked child that runs `body` and exits; killed and reaped by the destructor.
class ForkedChild {
public:
    explicit ForkedChild(const std::function<void()>& body);
    ForkedChild(const ForkedChild&) = delete;
    ForkedChild& operator=(const ForkedChild&) = delete;
    ~ForkedChild();
    std::uint32_t pid() const { return pid_; }
    void send_signal(int number) const;
    void kill_and_reap();

private:
    std::uint32_t pid_ = 0;
    bool reaped_ = false;
};

}  // namespace pf::os::test
