// Every shared mapping of the program lies between two pages that nobody may touch: a sanitizer
// does not watch the ends of mapped memory, and a neighbour would hide an access past them. Takes
// the place of the C library's functions; linked into the lying programs only.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <unordered_map>

namespace {

constexpr std::size_t kPage = 4096;

std::size_t whole_pages(std::size_t bytes) {
    return (bytes + kPage - 1) / kPage * kPage;
}

void* system_mmap(void* place, std::size_t bytes, int rights, int flags, int file, off_t offset) {
    return reinterpret_cast<void*>(::syscall(SYS_mmap, place, bytes, rights, flags, file, offset));
}

// Never destroyed: mappings may end after it would be.
struct Guarded {
    std::mutex mutex;
    std::unordered_map<void*, std::size_t> bytes_at;
};
Guarded& guarded() {
    static auto* all = new Guarded;
    return *all;
}

}  // namespace

extern "C" void* mmap(void* place, std::size_t bytes, int rights, int flags, int file,
                      off_t offset) noexcept {
    if (place != nullptr || (flags & MAP_SHARED) == 0 || file < 0 || bytes > PTRDIFF_MAX / 2) {
        return system_mmap(place, bytes, rights, flags, file, offset);
    }
    const std::size_t inside = whole_pages(bytes);
    auto* around =
        static_cast<char*>(system_mmap(nullptr, inside + 2 * kPage, PROT_NONE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (around == MAP_FAILED) {
        return around;
    }
    void* mapped = system_mmap(around + kPage, bytes, rights, flags | MAP_FIXED, file, offset);
    if (mapped == MAP_FAILED) {
        const int code = errno;
        ::syscall(SYS_munmap, around, inside + 2 * kPage);
        errno = code;
        return mapped;
    }
    const std::lock_guard lock(guarded().mutex);
    guarded().bytes_at[mapped] = inside;
    return mapped;
}

extern "C" int munmap(void* place, std::size_t bytes) noexcept {
    {
        const std::lock_guard lock(guarded().mutex);
        const auto found = guarded().bytes_at.find(place);
        if (found != guarded().bytes_at.end()) {
            place = static_cast<char*>(place) - kPage;
            bytes = found->second + 2 * kPage;
            guarded().bytes_at.erase(found);
        }
    }
    return static_cast<int>(::syscall(SYS_munmap, place, bytes));
}
