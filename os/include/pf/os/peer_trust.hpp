// The process at the other end of a device channel: named by the system when the channel is opened,
// or learnt once from what the driver says of itself, and then judged by a policy. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

#include <pf/os/process.hpp>

namespace pf::os {

// Holds the process `pid` if it is one to give handles to (an error, else: reject).
using TrustPolicy = std::function<Result<Process>(std::uint32_t pid)>;

class PeerTrust {
public:
    // The system names it.
    explicit PeerTrust(Process known) : process_(std::move(known)), known_(true) {}
    // Unknown until trust().
    explicit PeerTrust(TrustPolicy policy) : policy_(std::move(policy)) {}

    // Empty while unknown; never changes once it is known.
    const Process& process() const { return known_.load() ? process_ : none_; }

    // The driver says that it is `pid`, as it calls itself. Reject: the process known is another.
    // What the policy says of one that is learnt now.
    Result<void> trust(std::uint32_t pid);

private:
    const Process none_;
    const TrustPolicy policy_;
    std::mutex mutex_;  // one learns
    Process process_;   // written once, before known_
    std::atomic<bool> known_{false};
};

}  // namespace pf::os
