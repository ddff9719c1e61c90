// Which requests a test wants served otherwise, and how. Decides only. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>

#include "carrier.hpp"
#include "fault_codes.hpp"

namespace pf::driver {

class FaultDesk {
public:
    struct Verdict {
        enum class Way { serve, refuse, swallow, die } way = Way::serve;
        std::uint32_t status = 0;  // of a refusal
    };

    void set(const wdmsim::OperationFault& fault);
    void set_reported_version(std::uint32_t version);
    void clear();

    // Counts the request.
    Verdict judge(RequestNumber number, std::uint32_t code);
    // What becomes of a reply on its way back, changed in place. Once for a request that was to be
    // served.
    struct Reply {
        bool die = false;       // instead
        std::size_t bytes = 0;  // of it, for the caller
    };
    Reply alter(RequestNumber number, std::span<std::byte> output);

private:
    struct Served {
        bool tells_version = false;
        bool dies = false;
        std::size_t most_bytes = SIZE_MAX;
    };

    std::mutex mutex_;
    std::map<std::uint32_t, wdmsim::OperationFault> faults_;  // by operation
    std::uint32_t reported_version_ = 0;
    std::map<RequestNumber, Served> served_;  // those whose reply is to be altered
};

}  // namespace pf::driver
