#include <pf/os/shared_memory.hpp>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

#include "descriptor_poll.hpp"
#include "memory_map.hpp"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U  // linux/memfd.h since 6.3
#endif

namespace pf::os {

namespace {

constexpr int kSizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;

int create_memfd(const char* name) {
    constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    const int descriptor = ::memfd_create(name, kFlags | MFD_NOEXEC_SEAL);
    return descriptor < 0 && errno == EINVAL ? ::memfd_create(name, kFlags) : descriptor;
}

// A memory object counts as a file before RLIMIT_FSIZE, and the kernel tells by a signal that ends
// the process. It goes to this thread, so it can be kept from being delivered, and taken back.
int set_size(int descriptor, std::uint64_t bytes) {
    sigset_t too_large;
    sigset_t before;
    sigset_t pending;
    ::sigemptyset(&too_large);
    ::sigaddset(&too_large, SIGXFSZ);
    ::pthread_sigmask(SIG_BLOCK, &too_large, &before);
    ::sigpending(&pending);
    const int result = ::ftruncate(descriptor, static_cast<off_t>(bytes));
    const int code = errno;
    if (result != 0 && code == EFBIG && ::sigismember(&pending, SIGXFSZ) == 0) {
        const timespec at_once{};
        ::sigtimedwait(&too_large, nullptr, &at_once);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = code;
    return result;
}

// Ordinary shared memory only. Huge pages are refused although they can be sealed: a punched page
// of theirs need not come back, and touching it then is a SIGBUS.
bool is_sealed_memory(int descriptor) {
    const int seals = ::fcntl(descriptor, F_GET_SEALS);
    struct statfs system {};
    return seals >= 0 && (seals & kSizeSeals) == kSizeSeals &&
           ::fstatfs(descriptor, &system) == 0 && system.f_type == TMPFS_MAGIC;
}

}  // namespace

std::uint64_t page_bytes() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void* map_memory(const Handle& memory, std::size_t bytes, MapAccess access) {
    const int protection = PROT_READ | (access == MapAccess::read_write ? PROT_WRITE : 0);
    void* const base = ::mmap(nullptr, bytes, protection, MAP_SHARED, descriptor_of(memory), 0);
    return base != MAP_FAILED ? base : nullptr;
}

Result<Region> Region::create(std::uint64_t at_least_bytes, const char* debug_name) {
    const char* operation = "create shared memory";
    const std::uint64_t bytes = whole_pages(at_least_bytes);
    if (bytes == 0) {
        return fail(operation, 0, Reaction::bug,
                    "a size of " + std::to_string(at_least_bytes) + " bytes");
    }
    Handle handle = Handle::adopt(create_memfd(debug_name));
    if (!handle) {
        return fail_last(operation, debug_name);
    }
    const int descriptor = descriptor_of(handle);
    if (set_size(descriptor, bytes) != 0) {
        const bool limited = errno == EFBIG;
        std::string size = std::to_string(bytes);
        return limited ? fail(operation, EFBIG, Reaction::retry,
                              size.append(" bytes are beyond the file-size limit (ulimit -f), "
                                          "which counts for frames too"))
                       : fail_last(operation, size.append(" bytes"));
    }
    if (::fcntl(descriptor, F_ADD_SEALS, kSizeSeals | F_SEAL_SEAL) != 0) {
        return fail_last(operation, "cannot seal it");
    }
    return Region(std::move(handle), bytes);
}

Result<Region> Region::adopt(Handle handle, std::uint64_t minimum_bytes) {
    const char* operation = "adopt shared memory";
    if (!handle || !is_sealed_memory(descriptor_of(handle))) {
        return fail(operation, 0, Reaction::reject,
                    "the handle is not a memory object sealed against shrinking and growing");
    }
    struct stat status {};
    if (::fstat(descriptor_of(handle), &status) != 0) {
        return fail_last(operation, "cannot read its size");
    }
    // The seals were there before the size was read, so this is its size for good.
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size == 0 || size < minimum_bytes || size > SIZE_MAX) {
        return fail(operation, 0, Reaction::reject,
                    "it has " + std::to_string(size) + " bytes, at least " +
                        std::to_string(minimum_bytes) + " are needed");
    }
    return Region(std::move(handle), size);
}

namespace detail {

MappedRange::~MappedRange() {
    if (base_ != nullptr) {
        ::munmap(base_, size_);
    }
}

}  // namespace detail

void WritableMapping::prefault() {
    if (range_.size() == 0 || ::madvise(range_.base(), range_.size(), MADV_POPULATE_WRITE) == 0 ||
        errno != EINVAL) {
        return;  // short of memory: then every page that is not needed is one to the good
    }
    // Before Linux 5.14: an atomic addition of nothing makes a page writable and cannot undo
    // what the other process writes there meanwhile.
    const auto page = static_cast<std::size_t>(page_bytes());
    auto* bytes = static_cast<unsigned char*>(range_.base());
    for (std::size_t at = 0; at < range_.size(); at += page) {
        __atomic_fetch_add(bytes + at, 0, __ATOMIC_RELAXED);
    }
}

}  // namespace pf::os
