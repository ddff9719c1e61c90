#include "standing_driver.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include <pf/os/clock.hpp>

#include "insist.hpp"

namespace pf::hostile {
namespace {

// An event that blocks has no end. The first is what a loaded machine may keep a thread for; the
// header promises the second.
constexpr std::int64_t kNextBoundNs = os::kSecond / 2;  // beyond its deadline
constexpr std::int64_t kCloseBoundNs = 3 * os::kSecond;
constexpr std::int64_t kPatienceNs = 20 * os::kSecond;

// A liar's session seldom fails before its first frame.
std::unique_ptr<host::Session> shown(const host::SessionOptions& options) {
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    while (os::now_ns() < deadline_ns) {
        auto session = host::Session::open(options);
        for (int turn = 0; session && turn < 100; ++turn) {
            const auto next = (*session)->next(os::deadline_after(10 * os::kMillisecond));
            if (!next || next->kind == host::NextKind::closed) {
                break;
            }
            if (next->kind == host::NextKind::frame) {
                return std::move(*session);
            }
        }
    }
    return nullptr;
}

// Every frame that is still there, then the rebuild that comes of the silence.
void next_until_it_notices(host::Session& session, StandstillTimes& times) {
    const std::int64_t patience_ns = os::deadline_after(kPatienceNs);
    for (bool noticed = false; !noticed;) {
        PF_INSIST(os::now_ns() < patience_ns);
        const std::int64_t deadline_ns = os::deadline_after(20 * os::kMillisecond);
        const auto next = session.next(deadline_ns);
        times.longest_next_ns = std::max(times.longest_next_ns, os::now_ns() - deadline_ns);
        noticed = !next || next->kind == host::NextKind::closed || session.stats().rebuilding;
    }
}

}  // namespace

void stand_still(pid_t driver, ControlCounts& counts, const host::SessionOptions& options,
                 bool rebuilds, StandstillTimes& times) {
    auto session = shown(options);
    PF_INSIST(session != nullptr);
    counts.stand_still = 1;
    int status = 0;
    PF_INSIST(::waitpid(driver, &status, WUNTRACED) == driver && WIFSTOPPED(status));
    if (rebuilds) {
        next_until_it_notices(*session, times);
    }
    const std::int64_t begun_ns = os::now_ns();
    session->wake();
    session->close();
    session.reset();
    const std::int64_t took_ns = os::now_ns() - begun_ns;
    times.longest_close_ns = std::max(times.longest_close_ns, took_ns);
    ++times.rounds;
    ::kill(driver, SIGCONT);
    PF_INSIST(took_ns < kCloseBoundNs && times.longest_next_ns < kNextBoundNs);
}

}  // namespace pf::hostile
