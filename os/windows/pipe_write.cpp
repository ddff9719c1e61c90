#include "pipe_write.hpp"

#include <windows.h>

#include <algorithm>
#include <atomic>

#include <pf/os/flag.hpp>
#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>

#include "native_handle.hpp"

namespace pf::os {

namespace {

constexpr std::int64_t kLook = 20 * kMillisecond;
constexpr std::size_t kStep = std::size_t{1} << 20;

// Interrupts a thread that stands in a write, whenever `goes_on` says no.
class Interrupter {
public:
    static Result<std::unique_ptr<Interrupter>> watch_this_thread(const GoesOn& goes_on) {
        auto over = Flag::create();
        HANDLE self = nullptr;
        const HANDLE process = ::GetCurrentProcess();
        if (!over || ::DuplicateHandle(process, ::GetCurrentThread(), process, &self,
                                       THREAD_TERMINATE, FALSE, 0) == 0) {
            return fail_last("watch a write", "no handle for it");
        }
        std::unique_ptr<Interrupter> made(
            new Interrupter(std::move(*over), adopt_handle(self), goes_on));
        auto thread = GuardedThread::start(
            "pf write watch", [watch = made.get()] { watch->run(); }, [](const Error&) {});
        if (!thread) {
            return tl::unexpected(thread.error());
        }
        made->thread_ = std::move(*thread);
        return made;
    }
    ~Interrupter() {
        over_.set();
        thread_.join();
    }

private:
    Interrupter(Flag over, Handle writer, GoesOn goes_on)
        : over_(std::move(over)), writer_(std::move(writer)), goes_on_(std::move(goes_on)) {}

    void run() {
        while (!wait({over_}, now_ns() + kLook)) {
            if (!goes_on_()) {
                ::CancelSynchronousIo(handle_of(writer_));  // again, until the write has begun
            }
        }
    }

    Flag over_;
    Handle writer_;
    GoesOn goes_on_;
    GuardedThread thread_;
};

}  // namespace

unsigned long write_while(Handle::Native file, std::span<const std::byte> bytes,
                          const GoesOn& goes_on) {
    const HANDLE target = reinterpret_cast<HANDLE>(file);
    std::unique_ptr<Interrupter> watch;
    if (::GetFileType(target) != FILE_TYPE_DISK) {
        auto made = Interrupter::watch_this_thread(goes_on);
        watch = made ? std::move(*made) : nullptr;  // without one, the reader decides
    }
    while (!bytes.empty()) {
        if (!goes_on()) {
            return ERROR_OPERATION_ABORTED;
        }
        DWORD count = 0;
        const auto step = static_cast<DWORD>(std::min(bytes.size(), kStep));
        if (::WriteFile(target, bytes.data(), step, &count, nullptr) == 0) {
            return ::GetLastError();
        }
        bytes = bytes.subspan(count);
    }
    return 0;
}

}  // namespace pf::os
