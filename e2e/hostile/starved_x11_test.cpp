// An X11 source that finds no memory or no thread: each allocation and each start of a thread fails
// once while a monitor comes, shows a picture and goes. It costs that monitor at most; another one
// and the process live on.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>

#include <pf/os/clock.hpp>
#include <pf/os/test/open_handles.hpp>

#include "failing_new.hpp"
#include "process/test/scratch.hpp"
#include "x11/test/x11_fixture.hpp"
#include "x11/x11_source.hpp"

namespace {

std::atomic<int> threads_until_failure{-1};  // -1: none fails; 0: none starts any more

using CreateThread = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

}  // namespace

// Stands before the system's.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) {
    static const auto real = reinterpret_cast<CreateThread>(::dlsym(RTLD_NEXT, "pthread_create"));
    int left = threads_until_failure.load();
    while (left > 0 && !threads_until_failure.compare_exchange_weak(left, left - 1)) {
    }
    return left == 0 ? EAGAIN : real(thread, attributes, start, argument);
}

namespace pf::driver {
namespace {

// Processes whose command line names the directory.
int live_servers_of(const std::string& directory) {
    int found = 0;
    std::error_code error;
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(process.path() / "cmdline");
        const std::string line{std::istreambuf_iterator<char>(file), {}};
        found += line.find(directory) != std::string::npos;
    }
    return found;
}

class StarvedX11 : public X11SourceTest {
protected:
    void SetUp() override {
        spdlog::set_level(spdlog::level::off);
        plug();
    }
    os::Result<void> plug_another(const std::shared_ptr<MonitorOutput>& output) {
        return source_->plug(make_spec(10, 2, {320, 240, 60}), output);
    }
    // The first monitor shows what is drawn from now on.
    void expect_alive(std::uint32_t color) {
        ASSERT_TRUE(eventually([&] {
            painter_->fill({0, 0, 8, 8}, color);
            return ring_.pixel(4, 4) == color;
        }));
        EXPECT_EQ(ring_.health(), proto::kHealthActive);
    }
};

TEST_F(StarvedX11, AThreadThatCannotStartIsARefusedMonitor) {
    const auto output = make_output(false);
    int refused = 0;
    for (int after = 0; after < 4; ++after) {
        threads_until_failure = after;
        const auto plugged = plug_another(output);
        threads_until_failure = -1;
        if (!plugged) {
            ++refused;
            EXPECT_FALSE(plugged.error().message().empty());
        }
        source_->unplug(10);
        expect_alive(0x100 + static_cast<std::uint32_t>(after));
    }
    EXPECT_GE(refused, 2) << "the monitor's own thread, and the one that guards its connection";
    ASSERT_TRUE(plug_another(output));
    HostRing ring(320, 240);
    ring.attach_to(*output);
    EXPECT_TRUE(ring.await_seq(1));
    source_->unplug(10);
}

TEST_F(StarvedX11, AServerThatDiesWhileNoThreadStartsIsReplacedAfterwards) {
    threads_until_failure = 0;
    const os::Process server = place_.server();
    os::stop_process(server, os::StopHow::kill);
    ASSERT_TRUE(eventually([&] { return ring_.health() == proto::kHealthRebuilding; }));
    const std::uint64_t beat = ring_.heartbeat();
    EXPECT_TRUE(eventually([&] { return ring_.heartbeat() > beat + os::kSecond; }));
    threads_until_failure = -1;
    EXPECT_TRUE(eventually([&] {
        try {
            Painter next(place_.endpoint());
            next.fill({0, 0, 8, 8}, kRed);
            return ring_.pixel(4, 4) == kRed;
        } catch (const std::exception&) {
            return false;
        }
    }));
}

TEST_F(StarvedX11, EachAllocationMayFail) {
    std::uint32_t failed = 0;
    for (const auto whose : {hostile::Whose::mine, hostile::Whose::others}) {
        for (std::uint32_t nth = 1; nth < 2000; ++nth) {
            const auto output = make_output(false);
            HostRing ring(320, 240);
            hostile::fail_allocation(whose, nth);
            const bool plugged = plug_another(output).has_value();
            const bool hit = hostile::stop_failing();
            if (plugged) {
                ring.attach_to(*output);
                ASSERT_TRUE(ring.await_seq(1)) << nth;
            }
            source_->unplug(10);
            failed += hit;
            if (!hit) {
                ASSERT_TRUE(plugged);
                break;
            }
        }
        expect_alive(whose == hostile::Whose::mine ? kRed : kGreen);
    }
    EXPECT_GT(failed, 10u);
    std::printf("%u allocations failed, one at a time\n", failed);
}

// Nobody of the driver finds any, for a while. Then all goes on.
TEST_F(StarvedX11, ASpellWithoutAnyMemoryEnds) {
    const auto output = make_output(false);
    ASSERT_TRUE(plug_another(output));
    HostRing other(320, 240);
    hostile::fail_allocations(hostile::Whose::others, 1);
    other.attach_to(*output);
    source_->begin_set_mode(10, {400, 300, 60});
    const std::int64_t until_ns = os::deadline_after(os::kSecond);
    while (os::now_ns() < until_ns) {
        painter_->fill({0, 0, 8, 8}, static_cast<std::uint32_t>(os::now_ns() & 0xFFFFFF));
    }
    EXPECT_TRUE(hostile::stop_failing());
    expect_alive(kRed);
    (void)source_->await(SourceTask::set_mode, 10);
    source_->unplug(10);
    EXPECT_TRUE(plug_another(make_output(false)));
    source_->unplug(10);
}

// A mode change and a removal: the mode is the old or the new one, the removal always happens.
TEST_F(StarvedX11, EachAllocationOfAChangeMayFail) {
    std::uint32_t failed = 0;
    for (const auto whose : {hostile::Whose::mine, hostile::Whose::others}) {
        for (std::uint32_t nth = 1; nth < 2000; ++nth) {
            const auto output = make_output(false);
            ASSERT_TRUE(plug_another(output)) << nth;
            hostile::fail_allocation(whose, nth);
            const auto changed = source_->set_mode(10, {400, 300, 60});
            source_->unplug(10);
            const bool hit = hostile::stop_failing();
            ASSERT_TRUE(eventually([&] { return lit() == 1; })) << nth;
            failed += hit;
            if (!hit) {
                ASSERT_TRUE(changed) << changed.error().message();
                break;
            }
        }
        expect_alive(whose == hostile::Whose::mine ? kRed : kGreen);
    }
    EXPECT_GT(failed, 10u);
    std::printf("%u allocations failed, one at a time\n", failed);
}

// The limit is one of numbers, not of how many are open: these fill up what is free below the last.
std::vector<os::Handle> without_gaps() {
    std::vector<os::Handle> fillers;
    do {
        fillers.push_back(os::Handle::adopt(::dup(STDERR_FILENO)));
    } while (fillers.back().native() + 1 != static_cast<int>(os::test::open_handles()));
    return fillers;
}

TEST_F(StarvedX11, EachDescriptorMayBeMissing) {
    rlimit usual{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
    const auto fillers = without_gaps();
    const auto taken = static_cast<std::size_t>(fillers.back().native()) + 1;
    int failed = 0;
    bool plugged = false;
    for (std::size_t more = 0; more < 40 && !plugged; ++more) {
        const auto output = make_output(false);
        const rlimit low{taken + more, usual.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
        const auto done = plug_another(output);
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
        plugged = done.has_value();
        if (!plugged) {
            ++failed;
            EXPECT_FALSE(done.error().message().empty());
        }
        source_->unplug(10);
        ASSERT_TRUE(eventually([&] { return lit() == 1; })) << more;
    }
    EXPECT_TRUE(plugged);
    EXPECT_GE(failed, 3);
    expect_alive(kRed);
}

class StarvedStart : public testing::Test {
protected:
    void SetUp() override { spdlog::set_level(spdlog::level::off); }
    // No server is left of a start that failed.
    void try_to_start(const std::function<void()>& starve) {
        const X11Options options{"", place_.path(), "test", ""};
        starve();
        const auto source = make_x11_source(options);
        threads_until_failure = -1;
        hostile::stop_failing();
        if (source) {
            ++started_;
        } else {
            ++failed_;
            EXPECT_EQ(live_servers_of(place_.path()), 0) << source.error().message();
        }
    }

    ServerPlace place_;
    int started_ = 0;
    int failed_ = 0;
};

TEST_F(StarvedStart, AThreadThatCannotStartIsAnErrorAndNoServerStays) {
    for (int after = 0; after < 6; ++after) {
        try_to_start([&] { threads_until_failure = after; });
    }
    EXPECT_GE(failed_, 2);
    EXPECT_GE(started_, 1);
}

// Each is a start of Xorg, so not every one is tried.
TEST_F(StarvedStart, AnAllocationThatFailsIsAnErrorAndNoServerStays) {
    for (std::uint32_t nth = 1; nth < 400; nth += 1 + nth / 8) {
        try_to_start([&] { hostile::fail_allocation(hostile::Whose::mine, nth); });
    }
    EXPECT_GE(failed_, 10);
}

}  // namespace
}  // namespace pf::driver
