// Random schedules of the real ring's calls: each step must be one that model/ring.pml allows. And
// the other way round: what the model can do, the code does too.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

#include "ring_machine.hpp"
#include "transitions.hpp"

namespace pf::model {
namespace {

// The model's sizes for the list of steps; tools/model.sh has them too.
constexpr std::uint32_t kFrames = 3, kLater = 2, kRings = 2;
constexpr std::size_t kLoans = 2;

// One schedule. The host's program is the model's: take until nothing comes, wait, again.
class Schedule {
public:
    explicit Schedule(unsigned seed, Leases leases = Leases::sound)
        : random_(seed),
          machine_([this](const std::string& call) { note(call); }, [this] { driver_steps(); },
                   leases) {}

    const std::vector<Step>& run(int turns) {
        before_ = "-";
        machine_.attach();
        for (int i = 0; i < turns; ++i) {
            if (one_in(2)) {
                driver_step();
            } else if (one_in(4) && machine_.loans() > 0) {
                machine_.let_go(random_() % machine_.loans());
            } else {
                host_step();
            }
        }
        return steps_;
    }

private:
    enum class Host { take, wait, waits };

    bool one_in(unsigned n) { return random_() % n == 0; }

    void note(const std::string& call) {
        std::string after = machine_.seen();
        steps_.push_back({before_, call, after});
        before_ = std::move(after);
    }

    void driver_steps() {
        while (!one_in(3)) {
            driver_step();
        }
    }

    void driver_step() {
        using Phase = RingMachine::Phase;
        if (machine_.attached_ring() != machine_.ring()) {
            return;  // the delivery comes first
        }
        const std::uint32_t frames = machine_.ring() == 1 ? kFrames : kLater;
        switch (machine_.phase()) {
            case Phase::idle:
                if (machine_.published() + given_up_ < frames) {
                    machine_.claim();
                }
                break;
            case Phase::half_drawn:
                if (abandons_ > 0 && one_in(4)) {
                    --abandons_;
                    ++given_up_;
                    machine_.abandon();
                    break;
                }
                [[fallthrough]];
            case Phase::claimed: machine_.draw(); break;
            case Phase::drawn: machine_.publish(); break;
        }
    }

    void host_step() {
        switch (host_) {
            case Host::take: {
                if (machine_.loans() == kLoans) {
                    return;
                }
                const host::Take took = machine_.take();
                contended_ = took == host::Take::contended;
                host_ = took == host::Take::frame ? Host::take : Host::wait;
                break;
            }
            case Host::wait:
                machine_.wait();
                host_ = machine_.waits() ? Host::waits : Host::take;
                break;
            case Host::waits:
                if (machine_.woken()) {
                    machine_.come_back();
                    host_ = Host::take;
                } else if (contended_) {
                    machine_.look_again();
                    host_ = Host::take;
                } else if (machine_.ring() < kRings && one_in(6)) {
                    machine_.look_again();
                    machine_.new_ring();
                    given_up_ = 0;
                    machine_.attach();
                    host_ = Host::take;
                }
                break;
        }
    }

    std::mt19937 random_;
    std::string before_;
    std::vector<Step> steps_;
    int abandons_ = 1;
    std::uint32_t given_up_ = 0;  // of the ring's frames
    Host host_ = Host::take;
    bool contended_ = false;
    RingMachine machine_;
};

class RingReplay : public ReplayTest {
protected:
    RingReplay() : ReplayTest(PF_RING_STEPS) {}
};

TEST_F(RingReplay, EveryStepOfTheCodeIsOneOfTheModel) {
    std::size_t steps = 0;
    const std::int64_t enough_ns = os::deadline_after(20 * os::kSecond);
    for (unsigned seed = 1; seed <= 800 && os::now_ns() < enough_ns; ++seed) {
        Schedule schedule(seed);
        for (const Step& step : schedule.run(60)) {
            ASSERT_TRUE(model_.allow(step)) << "seed " << seed << ": " << step.text();
            ++steps;
        }
    }
    report(model_, steps);
}

TEST_F(RingReplay, AReaderThatDoesNotCheckItsLeaseIsRefused) {
    for (unsigned seed = 1; seed <= 3000; ++seed) {
        Schedule schedule(seed, Leases::unchecked);
        for (const Step& step : schedule.run(60)) {
            if (!model_.allow(step)) {
                return;
            }
        }
    }
    FAIL() << "every step of a broken reader is one of the model";
}

TEST_F(RingReplay, ADoctoredStepIsRefused) {
    Schedule schedule(1);
    std::size_t doctored = 0;
    for (const Step& step : schedule.run(60)) {
        ASSERT_TRUE(model_.allow(step)) << step.text();
        if (step.call == "publish") {  // the slot is not readable, though the token names it
            Step unreadable = step;
            std::replace(unreadable.after.begin(), unreadable.after.end(), 'P', 'W');
            EXPECT_FALSE(model_.allow(unreadable)) << unreadable.text();
            ++doctored;
        } else if (step.call == "hold:ours") {  // taken, and not kept from the driver
            Step unkept = step;
            std::replace(unkept.after.begin(), unkept.after.end(), 'h', '-');
            EXPECT_FALSE(model_.allow(unkept)) << unkept.text();
            ++doctored;
        }
    }
    EXPECT_GT(doctored, 1u);
}

}  // namespace
}  // namespace pf::model
