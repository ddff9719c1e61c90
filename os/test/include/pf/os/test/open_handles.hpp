// How many handles this process has open: what leaks shows here. Any thread; others that open and
// close meanwhile blur it.
#pragma once

#include <cstddef>

namespace pf::os::test {

// 0: it could not be told.
std::size_t open_handles();

}  // namespace pf::os::test
