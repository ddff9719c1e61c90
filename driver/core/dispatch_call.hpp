// One request on its way through the Dispatcher. Internal to its sources.
#pragma once

#include <algorithm>

#include <pf/core/dispatch.hpp>
#include <pf/proto/control.hpp>

namespace pf::core {

inline constexpr Completion kSuccess{proto::kStatusSuccess, 0};
inline constexpr Completion kInvalidParameter{proto::kStatusInvalidParameter, 0};
inline constexpr Completion kBufferTooSmall{proto::kStatusBufferTooSmall, 0};
inline constexpr Completion kNotFound{proto::kStatusNotFound, 0};

inline constexpr std::uint32_t kCursorSince = 5;  // the protocol version that brought the channel

struct Dispatcher::Call {
    Owner owner;
    std::uint32_t code;
    std::span<const std::byte> input;
    std::span<std::byte> output;
    std::int64_t now_ns;

    // The request's first min(sizeof, limit) bytes; false when fewer than `required` came.
    template <typename T>
    bool read(T& out, std::size_t required = sizeof(T), std::size_t limit = sizeof(T)) const {
        return proto::read_prefix(reinterpret_cast<const unsigned char*>(input.data()),
                                  std::min(input.size(), limit), required, out);
    }
    template <typename T>
    Completion reply(const T& value, std::size_t limit = sizeof(T)) const {
        return {proto::kStatusSuccess,
                proto::write_prefix(value, reinterpret_cast<unsigned char*>(output.data()),
                                    std::min(output.size(), limit))};
    }
};

}  // namespace pf::core
