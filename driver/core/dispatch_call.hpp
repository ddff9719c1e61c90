// One request on its way through the Dispatcher. Internal to its sources.
#pragma once

#include <algorithm>
#include <optional>

#include <pf/core/dispatch.hpp>
#include <pf/proto/control.hpp>

namespace pf::core {

inline constexpr Completion kSuccess{proto::kStatusSuccess};
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

// The oldest version that is played as a driver of ours; older ones knew nothing of it.
inline constexpr std::uint32_t kExactRateSince = 6;

// As many bytes of the value as the caller takes, and as `limit` lets through.
template <typename T>
Completion reply_with(const T& value, std::size_t capacity, std::size_t limit = sizeof(T)) {
    static_assert(sizeof(T) <= sizeof(Completion::output));
    Completion completion{proto::kStatusSuccess};
    completion.bytes_written =
        proto::write_prefix(value, reinterpret_cast<unsigned char*>(completion.output.data()),
                            std::min(capacity, limit));
    return completion;
}

struct Dispatcher::Call : Request {
    // The request's first min(sizeof, limit) bytes; false when fewer than `required` came.
    template <typename T>
    bool read(T& out, std::size_t required = sizeof(T), std::size_t limit = sizeof(T)) const {
        return proto::read_prefix(reinterpret_cast<const unsigned char*>(input.data()),
                                  std::min(input.size(), limit), required, out);
    }
};

template <typename Pending>
void Dispatcher::refuse(std::optional<Pending>& pending, const char* reason) {
    if (pending) {
        finish(pending->request, not_found(reason));
        pending.reset();
    }
}

}  // namespace pf::core
