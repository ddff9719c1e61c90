// What one process can do to another of the same user from outside, and what it can see of it: for
// programs that prove others robust. Nothing here needs the other's help. Any thread; no state.
//
// Reaction fallback: this system does not permit it (a ptrace restriction, a container).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <pf/os/handle.hpp>
#include <pf/os/process.hpp>

namespace pf::os {

struct Footprint {
    std::size_t descriptors = 0;
    std::size_t shared_mappings = 0;   // of unnamed shared memory
    std::uint64_t resident_bytes = 0;  // all of it, shared pages too
};

// Of a living process, ours included.
Result<Footprint> footprint(std::uint32_t pid);

// What its descriptors are, and how many of each, for people: "12 /memfd:name, 3 socket, ...".
std::string describe_descriptors(std::uint32_t pid);

// Returns when it stands still. A process that is gone is an error with reaction reopen.
Result<void> suspend_process(const Process& process);
Result<void> resume_process(const Process& process);

// How many descriptors `process` may have, as the system counts them: one above the largest
// number. Returns what held before.
Result<std::uint64_t> limit_descriptors(const Process& process, std::uint64_t limit);
// The limit that lets it open `more` and then no more.
Result<std::uint64_t> descriptor_limit_for(const Process& process, std::size_t more);

// Control connections that `server` accepted from process `client_pid`: second handles to its own
// sockets. While one is held the other process cannot close that connection, so be quick.
Result<std::vector<Handle>> borrow_connections(const Process& server, std::uint32_t client_pid);
// A request lies in it that the server has not read.
bool has_unread(const Handle& connection);
// Both ways, at once, for both processes. What was received before can still be read.
void cut(const Handle& connection);

}  // namespace pf::os
