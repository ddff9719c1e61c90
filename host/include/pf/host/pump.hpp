// The callback form of a session: what next() gives, from a thread of the pump's own.
#pragma once

#include <functional>
#include <memory>

#include <pf/host/session.hpp>
#include <pf/os/thread.hpp>

namespace pf::host {

class Pump {
public:
    // Called for everything but timeouts, one call at a time; the last one is closed or an error.
    // It may call all of the session but next(), and must not end the pump. What it throws ends the
    // session: closed, for whoever asks it.
    using OnNext = std::function<void(os::Result<Next> next)>;

    // Nobody else calls the session's next() or wait_handle() as long as the pump lives; the
    // session outlives it. Errors: retry, no thread.
    static os::Result<std::unique_ptr<Pump>> start(Session& session, OnNext on_next);
    // Closes the session, and returns after the last call.
    ~Pump();
    Pump(const Pump&) = delete;

private:
    Pump(Session& session, OnNext on_next) : session_(session), on_next_(std::move(on_next)) {}
    void run();

    Session& session_;
    const OnNext on_next_;
    os::GuardedThread thread_;
};

}  // namespace pf::host
