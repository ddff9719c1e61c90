// A seeded source of lies. Each thread and process has its own, from one printed seed.
#pragma once

#include <cstdint>

namespace pf::hostile {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    // splitmix64 (public domain, Steele, Lea and Flood).
    std::uint64_t word() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
    // 0..limit-1
    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>((word() >> 32) * limit >> 32);
    }
    bool one_in(std::uint32_t times) { return below(times) == 0; }
    // Any 32 bits, with a liking for edges.
    std::uint32_t number() {
        switch (below(6)) {
            case 0: return below(8);
            case 1: return UINT32_MAX - below(4);
            case 2: return (1U << below(32)) - below(2);
            case 3: return below(20000);
            default: return static_cast<std::uint32_t>(word());
        }
    }
    std::uint64_t long_number() {
        return one_in(2) ? number() : std::uint64_t{number()} << 32 | number();
    }
    // For another thread or process.
    std::uint64_t seed() { return word(); }

private:
    std::uint64_t state_;
};

}  // namespace pf::hostile
