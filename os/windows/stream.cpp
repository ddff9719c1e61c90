#include <pf/os/stream.hpp>

#include <windows.h>

#include <pf/os/clock.hpp>

#include "native_codes.hpp"
#include "pipe_write.hpp"

namespace pf::os {

Result<void> write_stream(Stream stream, std::string_view text, std::int64_t deadline_ns,
                          const Flag* cancel) {
    const bool output = stream == Stream::output;
    const HANDLE target = ::GetStdHandle(output ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
    const std::string name = output ? "standard output" : "standard error";
    bool tried = false;
    const unsigned long code = write_while(
        reinterpret_cast<Handle::Native>(target), std::as_bytes(std::span(text)),
        [&tried, deadline_ns, cancel] {
            const bool first = !std::exchange(tried, true);
            return (first || now_ns() < deadline_ns) && (cancel == nullptr || !cancel->is_set());
        });
    if (code == ERROR_OPERATION_ABORTED) {
        const bool cancelled = cancel != nullptr && cancel->is_set();
        return fail("write", code, Reaction::retry,
                    name + (cancelled ? ": interrupted" : " is not read from"));
    }
    if (code != 0) {
        return fail("write", code, reaction_of_native(code), "cannot write to " + name);
    }
    return {};
}

}  // namespace pf::os
