// Repeatable randomness for the tests.
#pragma once

#include <cstdint>
#include <random>

namespace pf::core {

class TestRandom {
public:
    explicit TestRandom(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t word() { return static_cast<std::uint32_t>(engine_()); }
    std::uint32_t below(std::uint32_t end) { return word() % end; }

private:
    std::mt19937 engine_;
};

}  // namespace pf::core
