// A host whose driver is killed again and again at random moments, and started again by the service
// manager: every frame is proven, the handles of both processes are counted before and after. One
// JSON object at the end; exit code 0 if and only if all held.
// usage: kills_host NODE KILLS SEED
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include <pf/host/session.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>
#include <pf/os/test/open_handles.hpp>
#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>
#include <pf/rig/frame_checker.hpp>

#include "wdmsim/fault_codes.hpp"
#include "wdmsim_client.hpp"
#include "wdmsim_nodes.hpp"

namespace pf::wdmsim {
namespace {

using nlohmann::json;

constexpr std::int64_t kPatience = 60 * os::kSecond;
constexpr std::int64_t kSettle = 20 * os::kSecond;
// A mutex of mingw-w64's threads makes an event when two first meet at it, and keeps that. One
// handle that every kill leaves would be many more.
constexpr std::size_t kLazyEvents = 4;

struct Tally {
    std::uint64_t frames = 0, torn = 0, stale = 0, foreign = 0;

    void count(rig::Verdict verdict) {
        ++frames;
        torn += verdict == rig::Verdict::torn;
        stale += verdict == rig::Verdict::stale;
        foreign += verdict == rig::Verdict::foreign;
    }
};

json percentiles(std::vector<std::int64_t> times_ns) {
    std::sort(times_ns.begin(), times_ns.end());
    const auto at = [&times_ns](std::size_t percent) {
        return static_cast<double>(times_ns[(times_ns.size() - 1) * percent / 100]) / 1e6;
    };
    return times_ns.empty() ? json() : json{{"p50", at(50)}, {"p99", at(99)}, {"max", at(100)}};
}

std::uint32_t driver_handles(const std::string& node) {
    const NodeFile file = NodeFile::open_for_tests(node);
    const auto count = file ? file.ask<HandleCount>(kCountHandles) : std::nullopt;
    return count ? count->open : 0;
}

class KillsHost {
public:
    KillsHost(std::string node, std::uint64_t seed) : node_(std::move(node)), random_(seed) {}

    json run(int kills) {
        open();
        show(20);
        const std::size_t host_before = os::test::open_handles();
        const std::size_t driver_before = driver_handles(node_);
        for (int i = 0; i < kills; ++i) {
            kill_at_a_random_moment();
            show(20);
        }
        const auto host_after = settled(host_before, [] { return os::test::open_handles(); });
        const auto driver_after = settled(driver_before, [this] { return driver_handles(node_); });
        const auto stats = session_->stats();
        return {{"kills", kills},
                {"rebuilds", stats.rebuilds},
                {"frames", tally_.frames},
                {"torn", tally_.torn},
                {"stale", tally_.stale},
                {"foreign", tally_.foreign},
                {"notice_ms", percentiles(notice_ns_)},
                {"fresh_frame_ms", percentiles(fresh_ns_)},
                {"start_service_ms", percentiles(start_ns_)},
                {"host_handles", {host_before, host_after}},
                {"driver_handles", {driver_before, driver_after}}};
    }

private:
    void open() {
        host::SessionOptions options;
        options.mode = {1280, 720, 240};
        options.instance = node_;
        options.driver_image = "any";
        options.policy.max_rebuilds = UINT32_MAX;
        options.on_rebuild = [this](host::RebuildReason, std::uint32_t) {
            noticed_ns_.store(os::now_ns());
        };
        auto session = host::Session::open(options);
        if (!session) {
            throw std::runtime_error(session.error().message());
        }
        session_ = std::move(*session);
    }

    // Threads that serve a call hold handles of their own for a moment; what leaks stays.
    template <typename Count>
    std::size_t settled(std::size_t before, Count count) {
        const std::int64_t deadline_ns = os::deadline_after(kSettle);
        std::size_t now = count();
        while (now > before + kLazyEvents && os::now_ns() < deadline_ns) {
            show(1);
            now = count();
        }
        return now;
    }

    // Until so many frames came.
    void show(int frames) {
        const std::int64_t deadline_ns = os::deadline_after(kPatience);
        while (frames > 0) {
            frames -= take(deadline_ns);
            check(deadline_ns);
        }
    }

    static void check(std::int64_t deadline_ns) {
        if (os::now_ns() >= deadline_ns) {
            throw std::runtime_error("no frame came in time");
        }
    }

    // How many frames that was.
    int take(std::int64_t deadline_ns) {
        const auto next = session_->next(deadline_ns);
        if (!next) {
            throw std::runtime_error(next.error().message());
        }
        if (next->kind == host::NextKind::rebuilt) {
            checker_.start_over();
        }
        if (next->kind != host::NextKind::frame) {
            return 0;
        }
        tally_.count(checker_.check(next->frame.view()));
        return 1;
    }

    void kill_at_a_random_moment() {
        const auto driver = os::Process::open(session_->stats().driver_pid);
        if (!driver) {
            throw std::runtime_error(driver.error().message());
        }
        const std::int64_t moment_ns =
            os::now_ns() + std::uniform_int_distribution<std::int64_t>(0, 30'000'000)(random_);
        while (os::now_ns() < moment_ns) {
            take(std::min(moment_ns, os::deadline_after(os::kMillisecond)));
        }
        noticed_ns_.store(0);
        const std::int64_t killed_ns = os::now_ns();
        if (!os::stop_process(*driver, os::StopHow::kill)) {
            throw std::runtime_error("the driver's process cannot be ended");
        }
        os::wait({*driver}, os::deadline_after(kPatience));
        start_again();
        wait_for_rebuild(killed_ns);
    }

    void start_again() {
        const std::int64_t dead_ns = os::now_ns();
        const std::int64_t deadline_ns = os::deadline_after(kPatience);
        while (!start_service()) {
            os::sleep_until(os::deadline_after(os::kMillisecond));
            check(deadline_ns);
        }
        start_ns_.push_back(os::now_ns() - dead_ns);
    }

    // Frames that were published before the death may still come.
    void wait_for_rebuild(std::int64_t killed_ns) {
        const std::uint64_t before = rebuilds_;
        const std::int64_t deadline_ns = os::deadline_after(kPatience);
        while (session_->stats().rebuilds == before || session_->stats().rebuilding) {
            take(std::min(deadline_ns, os::deadline_after(5 * os::kMillisecond)));
            check(deadline_ns);
        }
        rebuilds_ = session_->stats().rebuilds;
        show(1);
        fresh_ns_.push_back(os::now_ns() - killed_ns);
        notice_ns_.push_back(noticed_ns_.load() - killed_ns);
    }

    const std::string node_;
    std::mt19937_64 random_;
    std::unique_ptr<host::Session> session_;
    rig::FrameChecker checker_;
    Tally tally_;
    std::uint64_t rebuilds_ = 0;
    std::atomic<std::int64_t> noticed_ns_{0};
    std::vector<std::int64_t> notice_ns_, fresh_ns_, start_ns_;
};

bool none_left(const json& before_after) {
    return before_after[1].get<std::size_t>() <= before_after[0].get<std::size_t>() + kLazyEvents;
}

bool holds(const json& result) {
    return result["torn"] == 0 && result["stale"] == 0 && result["foreign"] == 0 &&
           result["rebuilds"] == result["kills"] && none_left(result["host_handles"]) &&
           none_left(result["driver_handles"]);
}

}  // namespace
}  // namespace pf::wdmsim

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: kills_host NODE KILLS SEED\n", stderr);
        return 2;
    }
    try {
        pf::wdmsim::KillsHost host(argv[1], std::strtoull(argv[3], nullptr, 0));
        const auto result = host.run(std::atoi(argv[2]));
        std::printf("%s\n", result.dump().c_str());
        return pf::wdmsim::holds(result) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kills_host: %s\n", error.what());
        return 1;
    }
}
