#include <pf/os/test/open_handles.hpp>

#include <filesystem>
#include <system_error>

namespace pf::os::test {

std::size_t open_handles() {
    std::size_t count = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
         it.increment(error)) {
        ++count;
    }
    return count > 0 ? count - 1 : 0;  // the look itself holds one
}

}  // namespace pf::os::test
