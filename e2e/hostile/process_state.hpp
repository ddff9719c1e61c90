// What a process holds: its descriptors by target, its mappings of files and memory objects. Equal
// before and after means that nothing leaked.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace pf::hostile {

struct ProcessState {
    std::map<std::string, int> descriptors;  // target, without inode numbers -> how many
    std::map<std::string, int> mappings;     // rights, name and bytes -> how many
    friend bool operator==(const ProcessState&, const ProcessState&) = default;
};

// `pid` 0 is this process; the look itself leaves no trace in it. Anonymous memory (the heap,
// stacks) is left out: allocators keep what they once had.
ProcessState process_state(std::uint32_t pid = 0);

// One line for each difference; empty when there is none.
std::string difference(const ProcessState& before, const ProcessState& after);

// Polls until the process is as it was, or the deadline passes; the difference that is left.
std::string settle(const ProcessState& before, std::uint32_t pid, std::int64_t deadline_ns);

}  // namespace pf::hostile
