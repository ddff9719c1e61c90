// Lying hosts: the driver's real server, runtime and pattern source in this process, two host
// processes that lie to it, and an honest one beside them whose frames must all be whole.
// Afterwards the driver must hold what it held before, and serve another host. Prints one JSON
// object.
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <pf/os/clock.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/process.hpp>

#include "honest_host.hpp"
#include "insist.hpp"
#include "lying_host_turns.hpp"
#include "options.hpp"
#include "pattern/pattern_source.hpp"
#include "private_runtime.hpp"
#include "process/control/ioctl_server.hpp"
#include "process/runtime/runtime.hpp"
#include "process_state.hpp"

namespace pf::hostile {
namespace {

constexpr const char* kInstance = "driver";
constexpr std::int64_t kPatienceNs = 120 * os::kSecond;

enum Phase : std::uint64_t { serving, neighbour, lies, quiet, afterwards };

struct Stage {
    HostCounts counts;
    Count phase;
    Count honest_frames;
    Count honest_rebuilds;
};

template <typename Condition>
void await(const char* what, Condition condition) {
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    while (!condition()) {
        if (os::now_ns() >= deadline_ns) {
            std::fprintf(stderr, "waited in vain: %s\n", what);
            std::abort();
        }
        os::sleep_until(os::deadline_after(2 * os::kMillisecond));
    }
}

// A child ends without the destructors and the leak check of what it inherited.
template <typename Body>
pid_t in_child(Body body) {
    const pid_t child = ::fork();
    PF_INSIST(child >= 0);
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        body();
        ::_exit(0);
    }
    return child;
}

pid_t start_liar(Stage& stage, std::uint64_t seed) {
    return in_child([&stage, seed] {
        await("the lies begin", [&] { return stage.phase >= lies; });
        LyingHost host(kInstance, seed, stage.counts);
        while (stage.phase == lies) {
            host.turn();
        }
    });
}

pid_t start_honest(Stage& stage, Phase from, Phase until, std::uint64_t at_least) {
    return in_child([=, &stage] {
        while (stage.phase < from) {
            os::sleep_until(os::deadline_after(2 * os::kMillisecond));
        }
        const auto seen = capture_whole_frames(kInstance, [&](std::uint64_t frames) {
            stage.honest_frames = frames;
            return frames >= at_least && stage.phase >= until;
        });
        stage.honest_rebuilds += seen.rebuilds;
        std::fprintf(stderr, "%s", seen.error.empty() ? "" : (seen.error + "\n").c_str());
        PF_INSIST(seen.error.empty() && seen.not_whole == 0 && seen.frames > 0);
    });
}

void insist_ends_well(pid_t child) {
    int status = 0;
    PF_INSIST(::waitpid(child, &status, 0) == child);
    PF_INSIST(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void insist_unchanged(const ProcessState& before, const char* when) {
    const std::string left = settle(before, 0, os::deadline_after(kPatienceNs));
    std::fprintf(stderr, "%s%s", left.empty() ? "" : when, left.c_str());
    PF_INSIST(left.empty());
}

void print(const Options& options, const Stage& s, double seconds, std::uint64_t neighbour_frames) {
    const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf(
        "{\"program\":\"lying_host\",\"seed\":%llu,\"rewrites\":%llu,\"seconds\":%.1f,"
        "\"rewrites_per_second\":%.0f,\"requests\":%llu,\"monitors\":%llu,\"deliveries\":%llu,"
        "\"rings_opened\":%llu,\"gifts_in_floods\":%llu,\"connections\":%llu,"
        "\"event_blows\":%llu,\"neighbour_frames\":%llu,\"neighbour_rebuilds\":%llu,\"left_"
        "behind\":0}\n",
        n(options.seed), n(s.counts.rewrites), seconds,
        static_cast<double>(s.counts.rewrites) / seconds, n(s.counts.requests),
        n(s.counts.monitors), n(s.counts.deliveries), n(s.counts.opened), n(s.counts.gifts),
        n(s.counts.connections), n(s.counts.event_blows), n(neighbour_frames),
        n(s.honest_rebuilds));
    std::fflush(stdout);
}

driver::PatternOptions any_pattern(Dice& dice) {
    static constexpr driver::PatternMode kModes[] = {driver::PatternMode::copy,
                                                     driver::PatternMode::zero_copy,
                                                     driver::PatternMode::small_damage};
    return {.mode = kModes[dice.below(3)]};
}

int run(const Options& options) {
    const PrivateRuntime private_runtime;
    const Shared<Stage> shared;
    Stage& stage = *shared.operator->();
    Dice dice(options.seed);
    const pid_t liars[] = {start_liar(stage, dice.seed()), start_liar(stage, dice.seed())};
    const pid_t honest = start_honest(stage, neighbour, quiet, 10);
    const pid_t last = start_honest(stage, afterwards, afterwards, 100);

    spdlog::set_level(spdlog::level::off);
    auto directory = os::InstanceDirectory::acquire(kInstance).value();
    driver::PatternSource source(any_pattern(dice));
    driver::HandleTable handles;
    driver::Runtime runtime({.process_id = os::current_pid()}, handles, source,
                            driver::CompletionQueue::create().value());
    driver::IoctlServer server(directory.listen().value(), runtime, handles, {});
    PF_INSIST(directory.set_state(os::InstanceState::active, "", 6));
    const os::Flag stop = os::Flag::create().value();
    std::thread control([&] { server.run(stop); });
    const ProcessState before = process_state();

    stage.phase = neighbour;
    await("the neighbour sees frames", [&] { return stage.honest_frames > 10; });
    const std::int64_t begun_ns = os::now_ns();
    stage.phase = lies;
    while (stage.counts.rewrites < options.rewrites) {
        const std::uint64_t so_far = stage.counts.rewrites;
        await("the lies go on", [&] { return stage.counts.rewrites != so_far; });
        for (const pid_t liar : liars) {
            PF_INSIST(::waitpid(liar, nullptr, WNOHANG) == 0);
        }
        os::sleep_until(os::deadline_after(20 * os::kMillisecond));
    }
    const double seconds = static_cast<double>(os::now_ns() - begun_ns) / os::kSecond;
    stage.phase = quiet;
    insist_ends_well(liars[0]);
    insist_ends_well(liars[1]);
    insist_ends_well(honest);
    const std::uint64_t neighbour_frames = stage.honest_frames;
    PF_INSIST(stage.honest_rebuilds == 0);
    insist_unchanged(before, "after the lies:\n");
    stage.phase = afterwards;
    insist_ends_well(last);
    insist_unchanged(before, "after the last host:\n");
    stop.set();
    control.join();
    PF_INSIST(runtime.monitor_count() == 0 && handles.size() == 0);
    PF_INSIST(stage.counts.opened > 0 && stage.counts.opened < stage.counts.deliveries);
    print(options, stage, seconds, neighbour_frames);
    return 0;
}

}  // namespace
}  // namespace pf::hostile

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    return pf::hostile::run(pf::hostile::parse_options(argc, argv));
}
