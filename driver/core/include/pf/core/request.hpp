// A control request, and what it is answered with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/owner.hpp>
#include <pf/proto/control.hpp>

namespace pf::core {

// The shell's name for a request; of no two that are in flight.
using RequestId = std::uint64_t;

struct Request {
    RequestId id = 0;
    Owner owner = kNobody;
    std::uint32_t code = 0;
    std::span<const std::byte> input = {};  // the shell's own copy, valid during the call
    std::size_t output_capacity = 0;        // bytes that the caller takes
    std::int64_t now_ns = 0;                // monotonic
};

struct Completion {
    std::uint32_t status = 0;
    std::size_t bytes_written = 0;  // of `output`, at most the request's capacity; 0 on failure
    // Why it is refused, one line for people, a literal; null: there is no more to say than the
    // status does, or the shell knows better (Adapter).
    const char* reason = nullptr;
    std::array<std::byte, sizeof(proto::AddReply)> output = {};  // the largest of all
};

// A request that dispatch() left open, and its answer.
struct Finished {
    RequestId id = 0;
    Completion completion = {};
};

}  // namespace pf::core
