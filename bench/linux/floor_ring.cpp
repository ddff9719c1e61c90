#include <pf/bench/floor_ring.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include <pf/os/handle.hpp>
#include <pf/os/program.hpp>

#include "floor_parts.hpp"

namespace pf::bench {
namespace {

// Shared with the child by fork(), unlinked from anything.
class SharedPages {
public:
    explicit SharedPages(std::size_t bytes)
        : bytes_(bytes),
          base_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    }
    ~SharedPages() {
        if (base_ != MAP_FAILED) {
            ::munmap(base_, bytes_);
        }
    }
    SharedPages(const SharedPages&) = delete;
    SharedPages& operator=(const SharedPages&) = delete;
    explicit operator bool() const { return base_ != MAP_FAILED; }
    std::byte* at(std::size_t offset) const { return static_cast<std::byte*>(base_) + offset; }

private:
    std::size_t bytes_;
    void* base_;
};

// In the child of a process that may have threads: nothing here allocates or locks.
[[noreturn]] void produce(const SharedPages& pages, int event, const host::Mode& mode,
                          const std::vector<std::byte>& source, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(0);
    }
    auto* header = reinterpret_cast<Header*>(pages.at(0));
    const std::size_t bytes = source.size();
    const std::int64_t start_ns = os::now_ns();
    for (std::uint64_t n = 0;; ++n) {
        const auto due = static_cast<std::int64_t>(n) * os::kSecond / mode.refresh_hz;
        os::sleep_until(start_ns + due);
        std::memcpy(pages.at(kHeaderBytes + n % kSlots * bytes), source.data(), bytes);
        header->published_ns[n % kSlots].store(os::now_ns(), std::memory_order_relaxed);
        header->latest.store(n + 1, std::memory_order_release);
        const std::uint64_t one = 1;
        (void)!::write(event, &one, sizeof one);
    }
}

FloorResult consume(const SharedPages& pages, int event, double seconds) {
    const auto* header = reinterpret_cast<const Header*>(pages.at(0));
    FloorResult result;
    const std::int64_t start_ns = os::now_ns(), cpu_ns = os::process_cpu_ns();
    const std::int64_t end_ns = start_ns + static_cast<std::int64_t>(seconds * 1e9);
    std::uint64_t seen = 0;
    for (std::int64_t now_ns = start_ns; goes_on(now_ns, end_ns); now_ns = os::now_ns()) {
        pollfd waited{event, POLLIN, 0};
        std::uint64_t count = 0;
        const std::int64_t left_ns = std::min(end_ns - now_ns, kTurn);
        if (::poll(&waited, 1, static_cast<int>(left_ns / os::kMillisecond + 1)) <= 0 ||
            ::read(event, &count, sizeof count) < 0) {
            continue;
        }
        const std::uint64_t latest = header->latest.load(std::memory_order_acquire);
        if (latest == seen) {
            continue;
        }
        seen = latest;
        const std::int64_t published_ns =
            header->published_ns[(latest - 1) % kSlots].load(std::memory_order_relaxed);
        result.latency_us.push_back(static_cast<double>(os::now_ns() - published_ns) / 1e3);
        ++result.frames;
    }
    result.seconds = static_cast<double>(os::now_ns() - start_ns) / 1e9;
    result.consumer_cpu = static_cast<double>(os::process_cpu_ns() - cpu_ns) / 1e9 / result.seconds;
    return result;
}

}  // namespace

os::Result<FloorResult> run_floor(const host::Mode& mode, double seconds) {
    const SharedPages pages(kHeaderBytes + kSlots * frame_bytes(mode));
    const os::Handle event = os::Handle::adopt(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!pages || !event) {
        return os::fail_last("measure the floor", "no shared memory");
    }
    new (pages.at(0)) Header{};
    std::memset(pages.at(kHeaderBytes), 0, kSlots * frame_bytes(mode));  // no fault is measured
    const std::vector<std::byte> source(frame_bytes(mode), std::byte{0x5A});
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) {
        return os::fail_last("measure the floor", "no process");
    }
    if (child == 0) {
        produce(pages, static_cast<int>(event.native()), mode, source, parent);
    }
    FloorResult result = consume(pages, static_cast<int>(event.native()), seconds);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return result;
}

}  // namespace pf::bench
