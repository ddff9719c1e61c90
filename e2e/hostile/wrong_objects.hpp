// Descriptors that are not what a driver asks for. Each call makes a new one.
#pragma once

#include <cstdint>

#include <pf/os/handle.hpp>

#include "dice.hpp"

namespace pf::hostile {

// A memory object with exactly these seals (F_SEAL_*), open for reading and writing.
os::Handle memory_object(std::uint64_t bytes, int seals);
// What a driver takes.
os::Handle sealed_memory(std::uint64_t bytes);
// The same object, opened for reading only.
os::Handle read_only(const os::Handle& memory);

// Pipe, socket, regular file, directory, device, event, memory with seals that are missing or too
// many, empty or immense memory: all but what would do for `bytes` of shared memory.
os::Handle no_memory(std::uint64_t bytes, Dice& dice);
// All but an event.
os::Handle no_event(Dice& dice);

}  // namespace pf::hostile
