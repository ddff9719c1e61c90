// What the floor's ring is made of on every system. Internal to bench/.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <pf/bench/floor_ring.hpp>
#include <pf/os/clock.hpp>

namespace pf::bench {

inline constexpr std::uint32_t kSlots = 6;
inline constexpr std::size_t kHeaderBytes = 4096;
inline constexpr std::int64_t kTurn = 100 * os::kMillisecond;  // an interrupt is seen after so long

struct Header {
    alignas(64) std::atomic<std::uint64_t> latest;  // frames published
    alignas(64) std::atomic<std::int64_t> published_ns[kSlots];
};

bool goes_on(std::int64_t now_ns, std::int64_t end_ns);
std::size_t frame_bytes(const host::Mode& mode);

}  // namespace pf::bench
