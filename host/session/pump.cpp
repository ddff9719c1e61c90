#include <pf/host/pump.hpp>

#include <pf/os/clock.hpp>

#include "want_of_memory.hpp"

namespace pf::host {

os::Result<std::unique_ptr<Pump>> Pump::start(Session& session, OnNext on_next) {
    return told_without_memory("start a pump", [&]() -> os::Result<std::unique_ptr<Pump>> {
        std::unique_ptr<Pump> pump(new Pump(session, std::move(on_next)));
        auto thread = os::GuardedThread::start(
            "pf pump", [raw = pump.get()] { raw->run(); },
            [raw = pump.get()](const os::Error&) { raw->session_.close(); });
        if (!thread) {
            return tl::unexpected(thread.error());
        }
        pump->thread_ = std::move(*thread);
        return pump;
    });
}

Pump::~Pump() {
    session_.close();
    thread_.join();
}

void Pump::run() {
    for (bool more = true; more;) {
        auto next = session_.next(os::kNever);
        more = next && next->kind != NextKind::closed;
        if (!next || next->kind != NextKind::timeout) {
            on_next_(std::move(next));
        }
    }
}

}  // namespace pf::host
