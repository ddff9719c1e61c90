#include "floor_parts.hpp"

#include <cstring>

#include <pf/os/interrupt.hpp>

namespace pf::bench {

bool goes_on(std::int64_t now_ns, std::int64_t end_ns) {
    return now_ns < end_ns && !os::interrupted();
}

std::size_t frame_bytes(const host::Mode& mode) {
    return std::size_t{mode.width} * mode.height * 4;
}

double memcpy_limit_fps(const host::Mode& mode, double seconds) {
    const std::size_t bytes = frame_bytes(mode);
    const std::vector<std::byte> source(bytes, std::byte{1});
    std::vector<std::byte> slots(kSlots * bytes, std::byte{2});
    const std::int64_t start_ns = os::now_ns();
    const std::int64_t end_ns = start_ns + static_cast<std::int64_t>(seconds * 1e9);
    std::uint64_t copies = 0;
    std::int64_t now_ns = start_ns;
    for (; goes_on(now_ns, end_ns); now_ns = os::now_ns()) {
        std::memcpy(slots.data() + copies % kSlots * bytes, source.data(), bytes);
        asm volatile("" : : "r"(slots.data()) : "memory");  // the copy stays
        ++copies;
    }
    return static_cast<double>(copies) * 1e9 / static_cast<double>(now_ns - start_ns);
}

}  // namespace pf::bench
