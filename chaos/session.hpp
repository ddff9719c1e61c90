// One run, from the driver's start to what must not be left. Tells its result and what went wrong.
#pragma once

#include "options.hpp"

namespace pf::chaos {

int run(const Options& options);  // the exit code

}  // namespace pf::chaos
