#include "owner_registry.hpp"

namespace pf::driver {

os::Result<core::Owner> OwnerRegistry::enter(std::uint32_t pid) {
    auto process = os::Process::open(pid);
    if (!process && (pid == 0 || process.error().reaction != os::Reaction::reopen)) {
        const core::Owner unseen = next_owner_++;
        entries_.emplace(unseen, Entry{{}, 1});
        return unseen;
    }
    if (!process) {
        return tl::unexpected(process.error());
    }
    for (auto& [owner, entry] : entries_) {
        if (entry.process.identity() == process->identity()) {
            ++entry.connections;
            return owner;
        }
    }
    const core::Owner owner = next_owner_++;
    entries_.emplace(owner, Entry{std::move(*process), 1});
    return owner;
}

bool OwnerRegistry::is_held(core::Owner owner) const {
    const auto found = entries_.find(owner);
    return found != entries_.end() && found->second.process;
}

bool OwnerRegistry::leave(core::Owner owner) {
    const auto found = entries_.find(owner);
    if (found == entries_.end() || --found->second.connections > 0) {
        return false;
    }
    entries_.erase(found);
    return true;
}

}  // namespace pf::driver
