// The journal's life: written before a change, and again before each that could darken another
// screen; kept until all of them are lit. One thread at a time.
#pragma once

#include <optional>
#include <vector>

#include <pf/host/topology.hpp>

#include "topology/snapshot.hpp"

namespace pf::host {

class JournalKeeper {
public:
    enum class Found {
        nothing,
        screens,     // see wanted()
        unreadable,  // damaged, somebody else's, or the disk fails: there may be dark screens
    };

    // `store` outlives this.
    explicit JournalKeeper(JournalStore& store) : store_(store) {}

    // What an earlier run has left.
    Found load();
    // From here on all of `lit` are in the journal, on the disk. Error: they are not, and nothing
    // may be changed.
    os::Result<void> cover(const std::vector<Screen>& lit);
    // All are lit.
    os::Result<void> drop();

    bool held() const { return held_; }
    // What has to be lit; nullopt: a journal that nobody can read, which covers all that there is.
    const std::optional<std::vector<Screen>>& wanted() const { return wanted_; }

private:
    JournalStore& store_;
    bool held_ = false;
    bool on_disk_ = false;  // surely
    std::optional<std::vector<Screen>> wanted_ = std::vector<Screen>();
};

}  // namespace pf::host
