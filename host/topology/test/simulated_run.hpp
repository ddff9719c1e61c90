// One life of a machine on which a program lights, isolates and restores at random, dies at random
// and starts again: what it breaks, or nothing.
#pragma once

#include <cstdint>
#include <string>

namespace pf::host::test {

// What happened in the runs so far: a property that holds because nothing happens proves nothing.
struct RunFacts {
    std::uint64_t activated = 0;
    std::uint64_t isolated = 0;  // with a screen of the owner's dark by it
    std::uint64_t restored = 0;  // such ones
    std::uint64_t exact_modes = 0;
    std::uint64_t gates_opened = 0;
    std::uint64_t crashes = 0;
    std::uint64_t crashes_in_the_dark = 0;
    std::uint64_t dark_before_last_start = 0;
};

// Empty: nothing was dark in the end that was lit before, nor was without a journal meanwhile, and
// no other monitor was taken for ours.
std::string breach_in_run(std::uint64_t seed, RunFacts& facts);

}  // namespace pf::host::test
