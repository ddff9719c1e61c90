// Takes the place of C library functions in a process, by LD_PRELOAD or by being linked: makes the
// planned call fail, and watches close(2). Not instrumented by sanitizers, so that it can be loaded
// into any program.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <mutex>

#include "fault_plan.hpp"

namespace pf::hostile {
namespace {

FaultPlan own_plan;

FaultPlan* open_plan() {
    const char* path = ::getenv(kFaultsVariable);
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return &own_plan;
    }
    void* place = reinterpret_cast<void*>(::syscall(SYS_mmap, nullptr, sizeof(FaultPlan),
                                                    PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    ::syscall(SYS_close, file);
    return place == MAP_FAILED ? &own_plan : static_cast<FaultPlan*>(place);
}

bool due(Faulty call) {
    FaultPlan& plan = *pf_fault_plan();
    if (plan.call.load() != call) {
        return false;
    }
    std::uint32_t left = plan.countdown.load();
    while (left != 0 && !plan.countdown.compare_exchange_weak(left, left - 1)) {
    }
    return left == 1;
}

int fails() {
    errno = pf_fault_plan()->error.load();
    return -1;
}

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void end_before(int socket) {
    const FaultPlan& plan = *pf_fault_plan();
    if (plan.effect.load() == Effect::cut_before) {
        ::shutdown(socket, SHUT_RDWR);
    } else if (plan.effect.load() == Effect::kill_before) {
        ::kill(plan.victim.load(), SIGKILL);
    }
}

void end_after(int socket) {
    const int code = errno;
    const FaultPlan& plan = *pf_fault_plan();
    if (plan.effect.load() == Effect::cut_after) {
        ::shutdown(socket, SHUT_RDWR);
    } else if (plan.effect.load() == Effect::kill_after) {
        ::kill(plan.victim.load(), SIGKILL);
    }
    errno = code;
}

template <typename Real>
ssize_t at_a_message(Faulty call, int socket, Real real) {
    if (!due(call)) {
        return real();
    }
    if (pf_fault_plan()->effect.load() == Effect::fail) {
        return fails();
    }
    end_before(socket);
    const ssize_t result = real();
    end_after(socket);
    return result;
}

// Descriptors that were closed a moment ago, held by a stand-in each.
class Graveyard {
public:
    // False: it is closed already.
    bool bury(int descriptor) {
        const std::lock_guard lock(mutex_);
        for (const int dead : dead_) {
            if (dead == descriptor) {
                return false;
            }
        }
        if (stand_in_ < 0) {
            stand_in_ = static_cast<int>(::syscall(SYS_memfd_create, kClosedName, MFD_CLOEXEC));
        }
        int& place = dead_[next_++ % kPlaces];
        if (place >= 0) {
            ::syscall(SYS_close, place);
        }
        const bool was_open = ::fcntl(descriptor, F_GETFD) >= 0;
        const bool replaced =
            was_open && stand_in_ >= 0 && ::dup3(stand_in_, descriptor, O_CLOEXEC) == descriptor;
        place = replaced ? descriptor : -1;
        return was_open && (replaced || ::syscall(SYS_close, descriptor) == 0);
    }

private:
    static constexpr unsigned kPlaces = 32;
    std::mutex mutex_;
    int stand_in_ = -1;
    unsigned next_ = 0;
    int dead_[kPlaces] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
};

Graveyard& graveyard() {
    static auto* yard = new Graveyard;
    return *yard;
}

}  // namespace

extern "C" FaultPlan* pf_fault_plan() {
    static FaultPlan* const plan = open_plan();
    return plan;
}

extern "C" {

int close(int descriptor) {
    FaultPlan& plan = *pf_fault_plan();
    ++plan.closes;
    const bool was_open = plan.no_graves.load() != 0 ? ::syscall(SYS_close, descriptor) == 0
                                                     : graveyard().bury(descriptor);
    if (!was_open) {
        ++plan.bad_closes;
        errno = EBADF;
        return -1;
    }
    return 0;
}

int memfd_create(const char* name, unsigned flags) noexcept {
    return due(Faulty::memfd_create) ? fails()
                                     : static_cast<int>(::syscall(SYS_memfd_create, name, flags));
}

int ftruncate(int file, off_t bytes) noexcept {
    return due(Faulty::ftruncate) ? fails()
                                  : static_cast<int>(::syscall(SYS_ftruncate, file, bytes));
}

void* mmap(void* place, std::size_t bytes, int rights, int flags, int file, off_t offset) noexcept {
    if ((flags & MAP_SHARED) != 0 && file >= 0 && due(Faulty::mmap)) {
        fails();
        return MAP_FAILED;
    }
    return reinterpret_cast<void*>(::syscall(SYS_mmap, place, bytes, rights, flags, file, offset));
}

int fcntl(int file, int command, ...) {
    va_list more;
    va_start(more, command);
    void* argument = va_arg(more, void*);
    va_end(more);
    if (command != F_GETFD && due(Faulty::fcntl)) {
        return fails();
    }
    return static_cast<int>(::syscall(SYS_fcntl, file, command, argument));
}

int eventfd(unsigned count, int flags) noexcept {
    return due(Faulty::eventfd) ? fails() : static_cast<int>(::syscall(SYS_eventfd2, count, flags));
}

int fstat(int file, struct stat* out) noexcept {
    return due(Faulty::fstat) ? fails() : static_cast<int>(::syscall(SYS_fstat, file, out));
}

int fstatfs(int file, struct statfs* out) noexcept {
    return due(Faulty::fstatfs) ? fails() : static_cast<int>(::syscall(SYS_fstatfs, file, out));
}

ssize_t readlink(const char* path, char* out, std::size_t bytes) noexcept {
    return due(Faulty::readlink) ? fails() : ::syscall(SYS_readlink, path, out, bytes);
}

ssize_t recvmsg(int socket, msghdr* message, int flags) {
    static auto* const real = next<ssize_t(int, msghdr*, int)>("recvmsg");
    return at_a_message(Faulty::recvmsg, socket, [&] { return real(socket, message, flags); });
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    static auto* const real = next<ssize_t(int, const msghdr*, int)>("sendmsg");
    return at_a_message(Faulty::sendmsg, socket, [&] { return real(socket, message, flags); });
}

int madvise(void* place, std::size_t bytes, int advice) noexcept {
    return due(Faulty::madvise) ? fails()
                                : static_cast<int>(::syscall(SYS_madvise, place, bytes, advice));
}

int accept4(int socket, sockaddr* peer, socklen_t* bytes, int flags) {
    return due(Faulty::accept4)
               ? fails()
               : static_cast<int>(::syscall(SYS_accept4, socket, peer, bytes, flags));
}

}  // extern "C"

}  // namespace pf::hostile
