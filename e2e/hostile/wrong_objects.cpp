#include "wrong_objects.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <string>

namespace pf::hostile {
namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;

os::Handle open_path(const char* path, int flags) {
    return os::Handle::adopt(::open(path, flags | O_CLOEXEC));
}

os::Handle one_end_of_a_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    const os::Handle other = os::Handle::adopt(ends[0]);
    return os::Handle::adopt(ends[1]);
}

os::Handle regular_file(std::uint64_t bytes) {
    os::Handle file = open_path("/tmp", O_TMPFILE | O_RDWR);
    (void)!::ftruncate(static_cast<int>(file.native()), static_cast<off_t>(bytes));
    return file;
}

os::Handle an_event() {
    return os::Handle::adopt(::eventfd(0, EFD_CLOEXEC));
}

// Neither memory nor an event.
os::Handle something_else(std::uint64_t bytes, Dice& dice) {
    switch (dice.below(8)) {
        case 0: return one_end_of_a_pipe();
        case 1: return os::Handle::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        case 2: return regular_file(bytes);
        case 3: return open_path("/tmp", O_RDONLY | O_DIRECTORY);
        case 4: return open_path("/dev/zero", O_RDWR);
        case 5: return os::Handle::adopt(::epoll_create1(EPOLL_CLOEXEC));
        case 6: return os::Handle::adopt(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
        default: return open_path("/proc/self/exe", O_PATH);
    }
}

}  // namespace

os::Handle memory_object(std::uint64_t bytes, int seals) {
    os::Handle memory = os::Handle::adopt(::memfd_create("lie", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    (void)!::ftruncate(static_cast<int>(memory.native()), static_cast<off_t>(bytes));
    if (seals != 0) {
        ::fcntl(static_cast<int>(memory.native()), F_ADD_SEALS, seals);
    }
    return memory;
}

os::Handle sealed_memory(std::uint64_t bytes) {
    return memory_object(bytes, kSizeSeals | F_SEAL_SEAL);
}

os::Handle read_only(const os::Handle& memory) {
    const std::string path = "/proc/self/fd/" + std::to_string(memory.native());
    return open_path(path.c_str(), O_RDONLY);
}

os::Handle no_memory(std::uint64_t bytes, Dice& dice) {
    switch (dice.below(10)) {
        case 0: return memory_object(bytes, 0);
        case 1: return memory_object(bytes, F_SEAL_SHRINK);
        case 2: return memory_object(bytes, F_SEAL_GROW | F_SEAL_SEAL);
        case 3: return memory_object(bytes, kSizeSeals | F_SEAL_WRITE);
        case 4: return memory_object(bytes, kSizeSeals | F_SEAL_FUTURE_WRITE);
        case 5: return sealed_memory(dice.below(static_cast<std::uint32_t>(bytes)));
        case 6: return sealed_memory(std::uint64_t{1} << (33 + dice.below(14)));
        case 7: return read_only(sealed_memory(bytes));
        case 8: return an_event();
        default: return something_else(bytes, dice);
    }
}

os::Handle no_event(Dice& dice) {
    return dice.one_in(4) ? sealed_memory(4096) : something_else(4096, dice);
}

}  // namespace pf::hostile
