// An X11 source that finds no memory or no thread: each allocation and each start of a thread fails
// once while a monitor comes, shows a picture and goes. It costs that monitor at most; another one
// and the process live on.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cerrno>

#include <pf/os/clock.hpp>

#include "failing_new.hpp"
#include "x11_fixture_test.hpp"

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

namespace pf::hostproc {
namespace {

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

}  // namespace
}  // namespace pf::hostproc
