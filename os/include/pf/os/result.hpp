// What can go wrong, said so that the caller knows the next move. Errors are values; no exception
// crosses a module boundary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace pf::os {

// What the caller can do about it.
enum class Reaction {
    retry,     // the same call may work in a moment (a wedge, a limit, a timeout)
    reopen,    // the device or its process is gone: retire the handle, open again
    fallback,  // this peer or system cannot do it: use the documented lesser way
    reject,    // the request itself is refused (mode, id, permission): change it
    bug,       // a caller's mistake
};

std::string_view to_string(Reaction reaction);

struct Error {
    const char* operation;  // a literal: "open control socket", "SetFrameChannel"
    std::int64_t code;      // errno or NTSTATUS / Win32, 0 when none; translated in os/ only
    Reaction reaction;
    std::string detail;  // one line: what happened, to what, and what to do next

    // "open control socket of 'main': no such file (2)"
    std::string message() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(const char* operation, std::int64_t code, Reaction reaction,
                                  std::string detail) {
    return tl::unexpected<Error>(Error{operation, code, reaction, std::move(detail)});
}

// The error of the system call that failed just now (errno, GetLastError), its reaction chosen by
// the code.
tl::unexpected<Error> fail_last(const char* operation, std::string detail);

}  // namespace pf::os
