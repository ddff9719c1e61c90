// How long somebody waits: until a deadline, or until one of a few flags is set.
#pragma once

#include <array>
#include <cstdint>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>

namespace pf::os {

struct Patience {
    // A flag may be null; all outlive the call. Several, since whoever asks may be told to end,
    // and whoever uses it as well.
    Patience(std::int64_t until_ns = kNever, const Flag* cancel = nullptr,
             const Flag* close = nullptr, const Flag* hopeless = nullptr)
        : deadline_ns(until_ns), flags{cancel, close, hopeless} {}

    std::int64_t deadline_ns;  // now_ns(); one in the past waits for nothing
    std::array<const Flag*, 3> flags;

    bool cancelled() const {
        for (const Flag* flag : flags) {
            if (flag != nullptr && flag->is_set()) {
                return true;
            }
        }
        return false;
    }
};

}  // namespace pf::os
