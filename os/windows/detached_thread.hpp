// A thread that may have to be left to itself, because the system may never let it go. Internal to
// os/windows.
//
// Not std::thread: mingw-w64's pthread_detach, when it meets the end of its thread, hands that
// thread's record to the next one while the old one still writes its result into it, and the new
// one starts without its argument (seen as a page fault at the start of every second run of a
// test with some thousand short threads).
#pragma once

#include <functional>

#include <pf/os/handle.hpp>

namespace pf::os {

class NativeThread {
public:
    NativeThread() = default;
    explicit NativeThread(Handle handle) : handle_(std::move(handle)) {}
    void join();
    void detach() { handle_.reset(); }

private:
    Handle handle_;
};

// To be joined or detached. `body` owns what it uses; what it throws ends it. `name` is a literal.
// Errors: retry, no thread or no memory for it.
Result<NativeThread> start_thread(const char* name, std::function<void()> body);

inline Result<void> start_detached(const char* name, std::function<void()> body) {
    return start_thread(name, std::move(body)).map([](NativeThread&& thread) { thread.detach(); });
}

}  // namespace pf::os
