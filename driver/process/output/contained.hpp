// Where exceptions end: what fails by one (no memory, no thread) becomes the error of that call.
#pragma once

#include <exception>
#include <new>
#include <string>

#include <pf/os/result.hpp>

namespace pf::driver {

// Without a line when there is no memory for one either.
template <typename Call>
os::Result<void> contained(const char* operation, Call call) {
    try {
        return call();
    } catch (const std::bad_alloc&) {
        return os::fail(operation, 0, os::Reaction::retry, "no memory");
    } catch (const std::exception& error) {
        try {
            return os::fail(operation, 0, os::Reaction::retry,
                            std::string("no thread or other means for it: ") + error.what());
        } catch (const std::bad_alloc&) {
            return os::fail(operation, 0, os::Reaction::retry, {});
        }
    }
}

}  // namespace pf::driver
