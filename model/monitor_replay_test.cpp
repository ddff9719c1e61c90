// Random schedules of the real monitors' calls: each step must be one that model/monitor.pml
// allows.
#include <random>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

#include "monitor_machine.hpp"
#include "transitions.hpp"

namespace pf::model {
namespace {

constexpr std::int64_t kPatienceNs = 10 * os::kSecond;

class Schedule {
public:
    // The model's budgets; tools/model.sh has them too.
    Schedule(Transitions& model, unsigned seed, Removes removes = Removes::sound,
             std::int64_t patience_ns = kPatienceNs)
        : model_(model),
          random_(seed),
          patience_ns_(patience_ns),
          machine_(one_in(2) ? 0 : 50'000 * os::kSecond, removes),
          lives_(one_in(2) ? 2 : 1),
          cuts_(lives_ == 2 ? 0 : 1) {}

    // The step that the model does not have; empty if there was none.
    std::string run(int turns) {
        for (int i = 0; i < turns; ++i) {
            if (std::string refused = turn(); !refused.empty()) {
                return refused;
            }
        }
        return {};
    }
    std::size_t steps() const { return steps_; }

private:
    bool one_in(unsigned n) { return random_() % n == 0; }

    // What was done, "" for nothing.
    std::string turn() {
        std::string before = steps_ == 0 ? "-" : machine_.seen();
        const bool cut = machine_.up() && cuts_ > 0 && one_in(3);
        if (cut) {
            machine_.driver().cut_next(one_in(2) ? Cut::before : Cut::after);
        }
        const std::string call = act();
        machine_.settle();
        if (cut && machine_.driver().cut_next(Cut::none)) {
            --cuts_;
            machine_.settle();
        }
        return call.empty() ? "" : check(std::move(before), call);
    }

    std::string check(std::string before, const std::string& call) {
        Step step{std::move(before), call, machine_.seen()};
        const std::int64_t deadline_ns = os::deadline_after(patience_ns_);
        while (!model_.allow(step)) {
            if (os::now_ns() >= deadline_ns) {
                return step.text();
            }
            os::sleep_until(os::deadline_after(os::kMillisecond));
            machine_.settle();
            step.after = machine_.seen();
        }
        ++steps_;
        return {};
    }

    std::string act() {
        const std::size_t session = random_() % kSessions;
        switch (random_() % 12) {
            case 0: return driver();
            case 1:
            case 2: return machine_.reopen() ? "reopen:ok" : "reopen:failed";
            case 3:
            case 4:
            case 5: return machine_.acquire(session) ? "acquire:ok" : "acquire:failed";
            case 6: return machine_.attach(session) ? "attach" : "";
            case 7: return detach(session);
            case 8: return release(session);
            case 9: return distrust(session);
            case 10: return pin();
            default: return expire();
        }
    }

    std::string driver() {
        if (!machine_.up()) {
            machine_.start();
            return "start";
        }
        if (lives_ < 2) {
            return "";
        }
        --lives_;
        machine_.kill();
        return "kill";
    }

    std::string detach(std::size_t session) {
        if (!machine_.attached(session)) {
            return "";
        }
        machine_.detach(session);
        return "detach";
    }

    std::string release(std::size_t session) {
        if (!machine_.has_lease(session)) {
            return "";
        }
        machine_.release(session);
        return "release";
    }

    std::string distrust(std::size_t session) {
        if (stops_ > 0 && machine_.device_works() && one_in(2)) {
            --stops_;
            machine_.retire();
            return "retire";
        }
        if (cuts_ == 0 && doubts_ > 0 && lives_ == 2 && machine_.doubt(session)) {
            --doubts_;
            return "doubt";
        }
        return "";
    }

    std::string pin() {
        const bool pinned = machine_.pinned();
        return !machine_.pin(!pinned) ? "" : pinned ? "let_loose" : "pin";
    }

    std::string expire() {
        const std::string now = machine_.seen();
        if (now.find(",l") == std::string::npos) {
            return "";
        }
        machine_.expire();
        return "expire";
    }

    Transitions& model_;
    std::mt19937 random_;
    const std::int64_t patience_ns_;
    MonitorMachine machine_;
    int lives_, cuts_;
    int stops_ = 1, doubts_ = 1;
    std::size_t steps_ = 0;
};

class MonitorReplay : public ReplayTest {
protected:
    MonitorReplay() : ReplayTest(PF_MONITOR_STEPS) {}
};

TEST_F(MonitorReplay, EveryStepOfTheCodeIsOneOfTheModel) {
    std::size_t steps = 0;
    const std::int64_t enough_ns = os::deadline_after(20 * os::kSecond);
    for (unsigned seed = 1; seed <= 600 && os::now_ns() < enough_ns; ++seed) {
        Schedule schedule(model_, seed);
        ASSERT_EQ(schedule.run(40), "") << "seed " << seed;
        steps += schedule.steps();
    }
    report(model_, steps);
}

TEST_F(MonitorReplay, ADriverThatForgetsToRemoveIsRefused) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        Schedule schedule(model_, seed, Removes::forgotten, os::kSecond / 10);
        if (!schedule.run(40).empty()) {
            return;
        }
    }
    FAIL() << "every step of a broken driver is one of the model";
}

TEST_F(MonitorReplay, ADoctoredStepIsRefused) {
    std::size_t doctored = 0;
    for (const Step& step : std::set<Step>(model_.steps())) {
        if (step.call == "kill") {  // a monitor outlives its driver
            Step left = step;
            left.after.replace(0, 2, "d1");
            EXPECT_FALSE(model_.allow(left)) << left.text();
            ++doctored;
        }
    }
    EXPECT_GT(doctored, 0u);
}

}  // namespace
}  // namespace pf::model
