#include <pf/os/peer_trust.hpp>

namespace pf::os {

Result<void> PeerTrust::trust(std::uint32_t pid) {
    const std::lock_guard lock(mutex_);
    if (!known_.load()) {
        Result<Process> judged = policy_(pid);
        if (!judged) {
            return tl::unexpected(judged.error());
        }
        process_ = std::move(*judged);
        known_.store(true);
    }
    // Not told: of one that the system lets nobody see.
    if (process_.own_pid() == 0 || process_.own_pid() == pid) {
        return {};
    }
    return fail("trust driver process", 0, Reaction::reject,
                "the driver names process " + std::to_string(pid) + " but runs as " +
                    std::to_string(process_.own_pid()));
}

}  // namespace pf::os
