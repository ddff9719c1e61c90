// One request on its way through the Dispatcher. Internal to its sources.
#pragma once

#include <algorithm>

#include <pf/core/dispatch.hpp>
#include <pf/proto/control.hpp>

namespace pf::core {

inline constexpr Completion kSuccess{proto::kStatusSuccess, 0};
constexpr Completion invalid_parameter(const char* reason) {
    return {proto::kStatusInvalidParameter, 0, reason};
}
constexpr Completion not_found(const char* reason) {
    return {proto::kStatusNotFound, 0, reason};
}
inline constexpr Completion kTooShort = invalid_parameter("the request is too short");
inline constexpr Completion kBufferTooSmall{proto::kStatusBufferTooSmall, 0,
                                            "the reply does not fit where it is to go"};
inline constexpr Completion kBadMode =
    invalid_parameter("a mode is 1..16384 x 1..16384 pixels at 1..1000 Hz");
inline constexpr Completion kNoSuchMonitor = not_found("this host has no such monitor here");
inline constexpr Completion kUnknownHandle =
    invalid_parameter("it names a handle that was never given, or is closed already");

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
