// A thread that may have to be left to itself, because the system may never let it go. Internal to
// os/windows.
#pragma once

#include <functional>
#include <thread>

#include <pf/os/result.hpp>

namespace pf::os {

// To be joined or detached. `body` owns what it uses; what it throws ends it. `name` is a literal.
// Errors: retry, no thread or no memory for it.
Result<std::thread> start_thread(const char* name, std::function<void()> body);

inline Result<void> start_detached(const char* name, std::function<void()> body) {
    return start_thread(name, std::move(body)).map([](std::thread&& thread) { thread.detach(); });
}

}  // namespace pf::os
