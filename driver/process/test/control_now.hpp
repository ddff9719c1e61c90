// A control operation of a runtime whose source completes at once, for tests.
#pragma once

#include <algorithm>
#include <span>

#include "process/runtime/runtime.hpp"

namespace pf::driver::test {

inline Runtime::Outcome control_now(Runtime& runtime, const core::Request& request,
                                    std::span<std::byte> output) {
    auto done = runtime.control(request);
    while (auto answer = runtime.next_answer(request.now_ns)) {
        if (answer->request == request.id) {
            done = std::move(answer->outcome);
        }
    }
    std::copy_n(done.value().output.begin(), done->bytes_written, output.begin());
    return std::move(*done);
}

}  // namespace pf::driver::test
