#include <pf/os/thread.hpp>

#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "thread_name.hpp"

namespace pf::os {

namespace {

// Without words where there is no memory for them.
Error told(const char* name, Reaction reaction, const char* why) {
    Error error{name, 0, reaction, {}};
    try {
        error.detail = why;
    } catch (const std::bad_alloc&) {
    }
    return error;
}

Error caught(const char* name) {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return told(name, Reaction::retry, "no memory");
    } catch (const std::system_error& error) {  // a thread, a lock
        return told(name, Reaction::retry, error.what());
    } catch (const std::exception& error) {
        return told(name, Reaction::bug, error.what());
    } catch (...) {
        return told(name, Reaction::bug, "something that has no name");
    }
}

void run_guarded(const char* name, const GuardedThread::Body& body,
                 const GuardedThread::OnFailure& on_failure) noexcept {
    name_this_thread(name);
    try {
        body();
        return;
    } catch (...) {
        const Error error = caught(name);
        try {
            on_failure(error);
        } catch (...) {
        }
    }
}

}  // namespace

Result<GuardedThread> GuardedThread::start(const char* name, Body body, OnFailure on_failure) {
    try {
        GuardedThread started;
        started.thread_ =
            std::thread([name, body = std::move(body), on_failure = std::move(on_failure)] {
                run_guarded(name, body, on_failure);
            });
        return started;
    } catch (const std::bad_alloc&) {
        return fail(name, 0, Reaction::retry, "no memory");
    } catch (const std::system_error& error) {
        return fail(name, error.code().value(), Reaction::retry,
                    "no thread could be started; raise the limit of processes, or try again");
    }
}

GuardedThread& GuardedThread::operator=(GuardedThread&& other) noexcept {
    join();
    thread_ = std::move(other.thread_);
    return *this;
}

void GuardedThread::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace pf::os
