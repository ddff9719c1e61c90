// What every test of the driver process needs: a private directory, a look at the process's
// descriptors, a condition that is polled with a deadline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include <pf/os/clock.hpp>
#include <pf/os/program.hpp>

namespace pf::driver::test {

class ScratchDirectory {
public:
    ScratchDirectory() { path_ = os::make_temporary_directory("pf-test").value(); }
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

// `process`: a pid, or "self". The look itself holds one when it is "self".
inline std::size_t open_descriptors(const std::string& process) {
    std::size_t count = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator it("/proc/" + process + "/fd", error), end;
         !error && it != end; it.increment(error)) {
        ++count;
    }
    return count;
}

template <typename Condition>
bool eventually(Condition condition, std::int64_t patience_ns = 20 * os::kSecond) {
    for (const std::int64_t deadline_ns = os::deadline_after(patience_ns); !condition();) {
        if (os::now_ns() >= deadline_ns) {
            return false;
        }
        os::sleep_until(os::deadline_after(2 * os::kMillisecond));
    }
    return true;
}

}  // namespace pf::driver::test
