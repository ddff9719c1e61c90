// The edge of the library: want of memory, or of anything else that the standard library throws
// for, becomes an error, or nothing, for the caller.
#pragma once

#include <exception>
#include <new>

#include <pf/os/result.hpp>

namespace pf::host {

// What `body` returns, a Result.
template <typename Body>
auto told_without_memory(const char* operation, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return os::fail(operation, 0, os::Reaction::retry, "no memory");
    } catch (const std::exception& error) {  // a thread, a lock, random numbers
        return os::fail(operation, 0, os::Reaction::retry, error.what());
    }
}

// For the ends of things and for threads of our own: what is left undone, the driver does when the
// connection ends, or the next turn does.
template <typename Body>
void despite_want_of_memory(Body body) noexcept {
    try {
        body();
    } catch (const std::exception&) {
    }
}

}  // namespace pf::host
