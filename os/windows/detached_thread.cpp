#include "detached_thread.hpp"

#include <windows.h>

#include <process.h>

#include <memory>
#include <new>

#include "native_handle.hpp"
#include "thread_name.hpp"

namespace pf::os {

namespace {

struct Start {
    const char* name;
    std::function<void()> body;
};

unsigned __stdcall run(void* argument) {
    const std::unique_ptr<Start> start(static_cast<Start*>(argument));
    name_this_thread(start->name);
    try {
        start->body();
    } catch (...) {
    }
    return 0;
}

}  // namespace

Result<NativeThread> start_thread(const char* name, std::function<void()> body) {
    std::unique_ptr<Start> start(new (std::nothrow) Start{name, std::move(body)});
    if (start == nullptr) {
        return fail(name, 0, Reaction::retry, "no memory");
    }
    const auto handle = ::_beginthreadex(nullptr, 0, run, start.get(), 0, nullptr);
    if (handle == 0) {
        return fail(name, 0, Reaction::retry, "no thread could be started");
    }
    (void)start.release();  // the thread's
    return NativeThread(adopt_handle(reinterpret_cast<HANDLE>(handle)));
}

void NativeThread::join() {
    if (handle_) {
        ::WaitForSingleObject(handle_of(handle_), INFINITE);
        handle_.reset();
    }
}

}  // namespace pf::os
