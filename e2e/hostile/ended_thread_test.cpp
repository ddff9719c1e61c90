// A thread of the driver that is ended by an exception nobody foresaw: here one of the log, in the
// moment in which a monitor's thread tells that there is no memory. It costs that monitor alone.
#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string>

#include "failing_new.hpp"
#include "pattern/pattern_source.hpp"
#include "process/test/hand_ring.hpp"
#include "process/test/scratch.hpp"
#include "process/test/waiting_source.hpp"

namespace pf::driver {
namespace {

using test::eventually;
using test::HandRing;

class ThrowingSink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (message.level == spdlog::level::warn) {
            throw 42;
        }
        said_ += std::string(message.payload.data(), message.payload.size()) + "\n";
    }
    void flush_() override {}

public:
    std::string said() {
        const std::lock_guard locked(mutex_);
        return said_;
    }

private:
    std::string said_;
};

// Its frames take no memory but for the first of a mode.
struct Monitor {
    Monitor(test::WaitingSource& source, core::MonitorNumber number) : ring({.target_id = number}) {
        core::PublisherConfig config;
        config.target_id = number;
        output = std::move(*MonitorOutput::create(config, false));
        const core::Mode mode{64, 32, 60};
        const core::ModeList modes(mode);
        EXPECT_TRUE(source.plug({number, number, 0, mode, false, {}, {}, &modes}, output));
        attach(ring);
        EXPECT_TRUE(eventually([&] { return ring.take().has_value(); }));
    }
    void attach(const HandRing& to) {
        output->attach(to.for_driver(), to.plan().generation, to.plan().ring_len);
    }

    HandRing ring;
    std::shared_ptr<MonitorOutput> output;
};

TEST(EndedThread, CostsItsMonitorAlone) {
    const auto before = spdlog::default_logger();
    const auto sink = std::make_shared<ThrowingSink>();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("", sink));
    test::WaitingSource source(std::make_unique<PatternSource>(PatternOptions{PatternMode::idle}));
    Monitor one(source, 1);
    Monitor other(source, 2);
    std::uint32_t nth = 0;
    std::unique_ptr<HandRing> taller;
    const auto is_over = [&] {
        ++nth;
        taller = std::make_unique<HandRing>(test::RingPlan{.height = 32u << nth});
        one.attach(*taller);
        hostile::fail_allocation(hostile::Whose::others, nth);
        EXPECT_TRUE(source.set_mode(1, {64, taller->plan().height, 60}));
        EXPECT_TRUE(eventually([&] { return !one.output->attached() || taller->take(); }));
        hostile::stop_failing();
        return !one.output->attached();
    };
    while (!is_over() && nth < 12) {
    }
    EXPECT_EQ(proto::load_acquire(taller->header().health_state), proto::kHealthDead);
    EXPECT_TRUE(
        eventually([&] { return sink->said().find("no more frames") != std::string::npos; }));
    HandRing next({.target_id = 2});
    other.attach(next);
    EXPECT_TRUE(eventually([&] { return next.take().has_value(); })) << "the other lives";
    source.unplug(1);
    Monitor again(source, 1);
    source.unplug(1);
    source.unplug(2);
    spdlog::set_default_logger(before);
}

}  // namespace
}  // namespace pf::driver
