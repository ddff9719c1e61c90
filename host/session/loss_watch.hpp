// What a session can see in its ring and of its driver, and what that means: all is well, the
// driver is to be asked, the ring is lost, or there is no use in going on. Decides only; one
// thread's.
#pragma once

#include <cstdint>
#include <optional>

#include <pf/host/session.hpp>

#include "session/attacher.hpp"
#include "session/liveness.hpp"
#include "session/source_follower.hpp"

namespace pf::host {

struct Finding {
    enum class Kind {
        well,
        ask,   // a ping tells whether the driver is stopped
        lost,  // `reason` says why: rebuild
        end,   // `error` says why
    };
    Kind kind = Kind::well;
    RebuildReason reason{};
    bool add_again = false;                      // the monitor as it is cannot be counted on
    std::optional<proto::SourceSize> size = {};  // that somebody beside us made the monitor show
    std::optional<os::Error> error = {};
};

class LossWatch {
public:
    explicit LossWatch(const SessionOptions& options)
        : options_(options), follower_(options.policy, options.attach_timeout_ns) {}

    // A ring was attached.
    void restart(std::int64_t now_ns) { heartbeat_.restart(now_ns); }

    // `frames`: that the session has taken in its life; `any_here`: one of them from this ring.
    Finding judge(const Attachment& attached, std::uint64_t frames, bool any_here,
                  std::int64_t now_ns);

private:
    Finding follow_source(const Attachment& attached, const DriverWords& words,
                          std::int64_t now_ns);
    Finding mismatch(std::uint32_t detail, std::uint64_t frames);
    Finding silence(const DriverConnection& driver, const DriverWords& words, std::int64_t now_ns);

    const SessionOptions& options_;
    HeartbeatWatch heartbeat_;
    SourceFollower follower_;
    std::optional<std::uint64_t> mismatched_at_;  // frames taken when the monitor was added again
};

}  // namespace pf::host
