// How long somebody waits: until a deadline, or until a flag is set.
#pragma once

#include <cstdint>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>

namespace pf::os {

struct Patience {
    Patience(std::int64_t until_ns = kNever, const Flag* stop = nullptr)
        : deadline_ns(until_ns), cancel(stop) {}

    std::int64_t deadline_ns;  // now_ns(); one in the past waits for nothing
    const Flag* cancel;        // null: only the deadline counts; outlives the call

    bool cancelled() const { return cancel != nullptr && cancel->is_set(); }
};

}  // namespace pf::os
