// Notices what a process piles up: descriptors and mappings at quiet points, against what it held
// at the first of them. One thread; no process is looked at here but through the readings.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <pf/os/test/interference.hpp>

namespace pf::chaos {

class FootprintWatch {
public:
    // `key` names a process in a state in which it holds the same again, such as "driver 123".
    // The first reading of a key is what it may hold. Empty: no more than that.
    std::string look(const std::string& key, const os::Footprint& now);
    bool knows(const std::string& key) const { return first_.contains(key); }

private:
    std::map<std::string, os::Footprint> first_;
};

// Of several readings the most (what a process may hold) of each count.
os::Footprint most(const os::Footprint& a, const os::Footprint& b);

}  // namespace pf::chaos
