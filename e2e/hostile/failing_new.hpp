// The nth allocation of one thread, or of all but one, throws std::bad_alloc, or it and all that
// follow. Linked into a test, it takes the place of operator new.
#pragma once

#include <cstdint>

namespace pf::hostile {

// Of the calling thread (from now on its allocations count), or of every other one.
enum class Whose { mine, others };

void fail_allocation(Whose whose, std::uint32_t nth);
void fail_allocations(Whose whose, std::uint32_t from_nth);
// No more of that; whether it happened (of several: the first).
bool stop_failing();

}  // namespace pf::hostile
