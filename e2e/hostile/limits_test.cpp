// Out of descriptors, out of addresses, out of file size: each step of a real driver and of a real
// host fails once. What a host gets is an error with a reaction, or no frame; when the limit is
// lifted, all is well again.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <sstream>

#include <pf/host/host.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/event.hpp>

#include "control_line.hpp"
#include "honest_host.hpp"
#include "private_runtime.hpp"
#include "process_state.hpp"
#include "shared_counts.hpp"
#include "watched_driver.hpp"

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

namespace pf::hostile {
namespace {

// The soft limit of a process, lowered for as long as the object lives.
class Limit {
public:
    Limit(pid_t pid, __rlimit_resource what, std::uint64_t most) : pid_(pid), what_(what) {
        ::prlimit(pid_, what_, nullptr, &before_);
        const rlimit now{most, before_.rlim_max};
        EXPECT_EQ(::prlimit(pid_, what_, &now, nullptr), 0);
    }
    ~Limit() { ::prlimit(pid_, what_, &before_, nullptr); }
    Limit(const Limit&) = delete;

private:
    pid_t pid_;
    __rlimit_resource what_;
    rlimit before_{};
};

std::uint64_t highest_descriptor(const std::string& process) {
    std::uint64_t highest = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + process + "/fd")) {
        highest = std::max<std::uint64_t>(highest, std::stoull(entry.path().filename().string()));
    }
    return highest;
}

// Of both kinds, in clock ticks.
std::uint64_t cpu_ticks(std::uint32_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    std::istringstream words(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) {
        words >> skipped;
    }
    std::uint64_t user = 0, system = 0;
    words >> user >> system;
    return user + system;
}

host::SessionOptions options() {
    host::SessionOptions all;
    all.mode = {64, 48, 200};
    all.hw_cursor = true;
    all.attach_timeout_ns = 200 * os::kMillisecond;
    all.policy.budget_ns = 100 * os::kMillisecond;
    return all;
}

// Opens, takes a frame, closes. An error must say what to do.
bool try_to_capture(std::string* why = nullptr) {
    const auto session = host::Session::open(options());
    if (!session) {
        EXPECT_FALSE(session.error().message().empty());
        EXPECT_NE(session.error().reaction, os::Reaction::bug) << session.error().message();
        if (why != nullptr) {
            *why = session.error().message();
        }
        return false;
    }
    const auto next = (*session)->next(os::deadline_after(200 * os::kMillisecond));
    return next && next->kind == host::NextKind::frame;
}

void expect_service() {
    const auto seen =
        capture_whole_frames("main", [](std::uint64_t frames) { return frames >= 10; });
    EXPECT_EQ(seen.error, "");
    EXPECT_EQ(seen.not_whole, 0u);
}

class Limits : public testing::Test {
protected:
    void SetUp() override {
        pf_fault_plan()->no_graves = 1;
        idle_ = process_state(driver_.pid());
        expect_service();
        EXPECT_EQ(settle(idle_, driver_.pid(), os::deadline_after(30 * os::kSecond)), "");
    }
    PrivateRuntime runtime_;
    WatchedDriver driver_{"main", Graves::none};
    ProcessState idle_;  // of the driver
};

TEST_F(Limits, ADriverWithoutDescriptorsServesAgainWhenItHasSome) {
    const std::uint32_t pid = driver_.pid();
    int failed = 0;
    // From less than what it waits for (its poll fails) up to what a session needs.
    const std::uint64_t highest = highest_descriptor(std::to_string(pid));
    for (std::uint64_t most = 1; most < highest + 20; most = std::max(most + 1, highest)) {
        const Limit limit(static_cast<pid_t>(pid), RLIMIT_NOFILE, most);
        failed += try_to_capture() ? 0 : 1;
    }
    EXPECT_GT(failed, 5);
    expect_service();
    EXPECT_EQ(driver_.pid(), pid);
    EXPECT_EQ(settle(idle_, pid, os::deadline_after(30 * os::kSecond)), "");
    EXPECT_EQ(driver_.plan().bad_closes, 0u);
}

TEST_F(Limits, AConnectionThatCannotBeAcceptedCostsNoProcessor) {
    const std::uint32_t pid = driver_.pid();
    const std::uint64_t highest = highest_descriptor(std::to_string(pid));
    {
        const Limit limit(static_cast<pid_t>(pid), RLIMIT_NOFILE, highest + 1);
        const auto waiting = os::DeviceChannel::open("main");
        ASSERT_TRUE(waiting) << "the system takes connections for a driver";
        const std::uint64_t before = cpu_ticks(pid);
        const std::int64_t begun_ns = os::now_ns();
        os::sleep_until(os::deadline_after(os::kSecond));
        const std::int64_t wall_ns = os::now_ns() - begun_ns;
        const auto busy_ns = static_cast<std::int64_t>(cpu_ticks(pid) - before) * os::kSecond /
                             ::sysconf(_SC_CLK_TCK);
        EXPECT_LT(busy_ns, wall_ns / 4);
    }
    expect_service();
}

TEST_F(Limits, AHostWithoutDescriptorsIsToldAndLosesNothing) {
    const ProcessState before = process_state();
    const std::uint64_t highest = highest_descriptor("self");
    int failed = 0;
    std::string last;
    for (std::uint64_t most = 3; most < highest + 48; ++most) {
        const Limit limit(0, RLIMIT_NOFILE, most);
        failed += try_to_capture(&last) ? 0 : 1;
    }
    EXPECT_GT(failed, 5);
    expect_service();
    EXPECT_EQ(settle(before, 0, os::deadline_after(30 * os::kSecond)), "");
    EXPECT_EQ(pf_fault_plan()->bad_closes, 0u);
}

// Touching the pages all the same would end a process that a memory limit holds back.
TEST(Prefault, WantOfMemoryTouchesNoPage) {
    constexpr std::size_t kPages = 16;
    const auto region = os::Region::create(kPages * 4096, "prefault").value();
    auto mapping = os::WritableMapping::map(region).value();
    std::array<unsigned char, kPages> resident{};
    const auto count = [&] {
        EXPECT_EQ(::mincore(mapping.bytes().data(), kPages * 4096, resident.data()), 0);
        return std::count_if(resident.begin(), resident.end(), [](auto r) { return r != 0; });
    };
    arm(*pf_fault_plan(), Faulty::madvise, 1, Effect::fail, ENOMEM);
    mapping.prefault();
    ASSERT_TRUE(disarm(*pf_fault_plan()));
    EXPECT_EQ(count(), 0);
    mapping.prefault();
    EXPECT_EQ(count(), static_cast<long>(kPages));
}

// Each leaves as many handles as it may and holds on to them.
TEST(SharedLimit, HostsThatHoardHandlesLeaveRoomForOthers) {
    constexpr int kHoarders = 3;
    const PrivateRuntime runtime;
    const Limit usual(0, RLIMIT_NOFILE, 1024);
    const WatchedDriver driver("main", Graves::none);
    std::vector<pid_t> hoarders;
    const Shared<Count> hoarded;
    for (int i = 0; i < kHoarders; ++i) {
        hoarders.push_back(::fork());
        if (hoarders.back() == 0) {
            ControlLine line("main");
            const auto event = os::Event::create().value();
            while (line.give(event.handle()) != 0) {
                ++*hoarded.operator->();
            }
            ++*hoarded.operator->();
            ::pause();
        }
    }
    const std::int64_t deadline_ns = os::deadline_after(60 * os::kSecond);
    std::uint64_t before = 0;
    while (*hoarded.operator->() < 3 * 512 + 3 && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(20 * os::kMillisecond));
        before = *hoarded.operator->();
    }
    EXPECT_EQ(before, 3u * 512 + 3);
    expect_service();
    for (const pid_t hoarder : hoarders) {
        ::kill(hoarder, SIGKILL);
        ::waitpid(hoarder, nullptr, 0);
    }
}

// A memory object counts as a file there, and the system's way to say so is a deadly signal.
TEST_F(Limits, AHostThatMayNotMakeLargeFilesIsTold) {
    for (const std::uint64_t most : {0, 4096, 9000}) {
        const Limit limit(0, RLIMIT_FSIZE, most);
        std::string why;
        EXPECT_FALSE(try_to_capture(&why));
        EXPECT_NE(why.find("EFBIG"), std::string::npos) << why;
    }
    expect_service();
}

TEST_F(Limits, ADriverThatMayNotMakeLargeFilesServesOn) {
    const std::uint32_t pid = driver_.pid();
    {
        // The state file, the log.
        const Limit limit(static_cast<pid_t>(pid), RLIMIT_FSIZE, 0);
        EXPECT_TRUE(try_to_capture());
    }
    expect_service();
    EXPECT_EQ(driver_.pid(), pid);
}

TEST_F(Limits, AddressesRunOutInTheDriver) {
    if (kSanitized) {
        GTEST_SKIP() << "a sanitizer's shadow takes more addresses than any limit here";
    }
    const std::uint32_t pid = driver_.pid();
    std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    int failed = 0;
    for (std::uint64_t more = 0; more < 40; ++more) {
        const std::uint64_t most = (pages + more * more * 3) * 4096;
        const Limit limit(static_cast<pid_t>(pid), RLIMIT_AS, most);
        failed += try_to_capture() ? 0 : 1;
    }
    EXPECT_GT(failed, 3);
    expect_service();
    EXPECT_EQ(driver_.pid(), pid);
    EXPECT_EQ(settle(idle_, pid, os::deadline_after(30 * os::kSecond)), "");
}

// In a process of its own: what the C library needs for itself may fail there, too.
TEST_F(Limits, AddressesRunOutInTheHost) {
    if (kSanitized) {
        GTEST_SKIP() << "a sanitizer's shadow takes more addresses than any limit here";
    }
    const ProcessState before = process_state();
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    int failed = 0;
    for (std::uint64_t more = 0; more < 40; ++more) {
        const Limit limit(0, RLIMIT_AS, (pages + more * more * 3) * 4096);
        failed += try_to_capture() ? 0 : 1;
    }
    EXPECT_GT(failed, 3);
    expect_service();
    EXPECT_EQ(settle(before, 0, os::deadline_after(30 * os::kSecond)), "");
}

}  // namespace
}  // namespace pf::hostile
