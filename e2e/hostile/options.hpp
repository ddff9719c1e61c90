// The command line of the two lying programs: --rewrites N, --seed S.
#pragma once

#include <cstdint>

namespace pf::hostile {

struct Options {
    std::uint64_t rewrites = 1'000'000;
    std::uint64_t seed = 0;  // drawn from the system when none is given
};

// Prints what it will do; a bad command line ends the program with exit code 2.
Options parse_options(int argc, char** argv);

}  // namespace pf::hostile
