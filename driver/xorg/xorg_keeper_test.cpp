// The keeper, as the driver's own program runs it.
#include "xorg_keeper.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "x11/test/x11_fixture.hpp"
#include "xorg_custody.hpp"
#include "xorg_server.hpp"

namespace pf::driver {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kGraceNs = os::kSecond;

os::Result<XorgServer> adopt_or_start(const std::string& directory,
                                      std::int64_t grace_ns = kGraceNs) {
    return XorgServer::adopt_or_start({directory, "", {grace_ns, PF_DRIVER_PROGRAM}});
}

bool gone(const os::Process& process) {
    return eventually([&] { return !process.alive(); });
}

// A driver program with a runtime directory of its own, until it is killed.
class Driver {
public:
    explicit Driver(const ServerPlace& place, const std::string& keep = "1") {
        os::ChildProcess::Options options;
        options.arguments = {PF_DRIVER_PROGRAM, "--instance", "main", "--keep-xserver", keep};
        options.environment = {"XDG_RUNTIME_DIR=" + place.path()};
        options.output_file = place.path() + "/log";
        auto child = os::ChildProcess::spawn(options);
        EXPECT_TRUE(child) << child.error().message();
        child_ = std::move(*child);
        directory_ = place.path() + "/pf-vdisplay/main";
        EXPECT_TRUE(eventually([&] {
            const auto record = read_xorg_record(XorgFiles(directory_));
            return record && record->driver == child_.process().identity() &&
                   open_identified(record->keeper) && fs::exists(directory_ + "/control");
        }));
    }
    void kill() {
        child_.stop(os::StopHow::kill);
        child_.wait_exit(os::kNever);
    }
    void stop() {
        child_.stop(os::StopHow::ask);
        EXPECT_TRUE(child_.wait_exit(os::deadline_after(20 * os::kSecond)));
    }
    const std::string& directory() const { return directory_; }
    XorgRecord record() const { return *read_xorg_record(XorgFiles(directory_)); }

private:
    os::ChildProcess child_;
    std::string directory_;
};

// A driver that runs, what it has noted, and its server and keeper, held.
struct Kept {
    explicit Kept(const std::string& keep = "1") : driver(place, keep) {}
    const ServerPlace place;
    Driver driver;
    const XorgRecord record = driver.record();
    const os::Process server = open_identified(record.process);
    const os::Process keeper = open_identified(record.keeper);
};

void expect_nothing_left(const Driver& driver, const XorgRecord& record) {
    EXPECT_TRUE(eventually([&] {
        return !fs::exists(driver.directory() + "/xserver") &&
               !fs::exists(driver.directory() + "/xauthority") &&
               !fs::exists("/tmp/.X" + record.display.substr(1) + "-lock") &&
               !fs::exists("/tmp/.X11-unix/X" + record.display.substr(1));
    }));
}

TEST(XorgKeeper, EndsWhatNobodyAdopts) {
    Kept kept;
    ASSERT_TRUE(kept.server && kept.keeper);
    const std::int64_t killed_ns = os::now_ns();
    kept.driver.kill();
    EXPECT_TRUE(gone(kept.server));
    EXPECT_GE(os::now_ns() - killed_ns, kGraceNs);
    EXPECT_TRUE(gone(kept.keeper));
    expect_nothing_left(kept.driver, kept.record);
}

TEST(XorgKeeper, GoesWithAnOrderlyEnd) {
    Kept kept;
    kept.driver.stop();
    EXPECT_FALSE(kept.keeper.alive());
    expect_nothing_left(kept.driver, kept.record);
}

TEST(XorgKeeper, LeavesAloneWhatIsAdoptedInTimeAndCountsAnewAfterwards) {
    Kept kept("3");
    kept.driver.kill();
    Driver next(kept.place, "3");
    EXPECT_EQ(next.record().process, kept.record.process);
    EXPECT_EQ(next.record().keeper, kept.record.keeper);
    // Well beyond the time of the first one.
    EXPECT_FALSE(os::wait({kept.server}, os::deadline_after(4 * os::kSecond)));
    const std::int64_t killed_ns = os::now_ns();
    next.kill();
    EXPECT_TRUE(gone(kept.server));
    EXPECT_GE(os::now_ns() - killed_ns, 3 * os::kSecond);
    expect_nothing_left(next, kept.record);
}

// Adopted is what a driver waits for, long before it answers.
TEST(XorgKeeper, LeavesAloneASilentServerThatADriverWaitsFor) {
    Kept kept;
    ASSERT_EQ(::kill(static_cast<pid_t>(kept.server.pid()), SIGSTOP), 0);
    kept.driver.kill();
    Driver next(kept.place);
    EXPECT_FALSE(os::wait({kept.server}, os::deadline_after(3 * kGraceNs)));
    ASSERT_EQ(::kill(static_cast<pid_t>(kept.server.pid()), SIGCONT), 0);
    next.stop();
    EXPECT_FALSE(kept.server.alive());
    expect_nothing_left(next, kept.record);
}

TEST(XorgKeeper, ANewOneFollowsOneThatWasKilled) {
    Kept kept;
    os::stop_process(kept.keeper, os::StopHow::kill);
    ASSERT_TRUE(gone(kept.keeper));
    kept.driver.kill();
    Driver next(kept.place);
    const XorgRecord record = next.record();
    const os::Process server = open_identified(record.process);
    EXPECT_TRUE(open_identified(record.keeper));
    EXPECT_NE(record.keeper, kept.keeper.identity());
    next.kill();
    EXPECT_TRUE(gone(server));
    expect_nothing_left(next, record);
}

TEST(XorgKeeper, EndsAStoppedServerToo) {
    Kept kept;
    ASSERT_EQ(::kill(static_cast<pid_t>(kept.server.pid()), SIGSTOP), 0);
    kept.driver.kill();
    EXPECT_TRUE(gone(kept.server));
    expect_nothing_left(kept.driver, kept.record);
}

// A cleaner of /tmp takes the lock, and the server dies without taking its socket along.
TEST(XorgKeeper, TakesTheSocketAlongWithoutALock) {
    Kept kept("never");
    fs::remove("/tmp/.X" + kept.record.display.substr(1) + "-lock");
    kept.driver.kill();
    os::stop_process(kept.server, os::StopHow::kill);
    expect_nothing_left(kept.driver, kept.record);
}

TEST(XorgKeeper, CleansUpBehindAServerThatDiesAlone) {
    Kept kept("never");
    kept.driver.kill();
    EXPECT_FALSE(os::wait({kept.server}, os::deadline_after(2 * os::kSecond)));
    os::stop_process(kept.server, os::StopHow::kill);
    expect_nothing_left(kept.driver, kept.record);
}

TEST(XorgKeeper, StandsDownForAnotherServerOfTheInstance) {
    const ServerPlace place;
    auto first = adopt_or_start(place.path());
    ASSERT_TRUE(first) << first.error().message();
    const os::Process old_keeper = open_identified(first->keeper().identity());
    os::stop_process(first->process(), os::StopHow::kill);
    ASSERT_TRUE(gone(first->process()));
    auto second = adopt_or_start(place.path());
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_TRUE(gone(old_keeper));
    EXPECT_TRUE(second->process().alive());
    EXPECT_TRUE(second->keeper().alive());
    second->stop();
}

TEST(XorgKeeper, IsKnownByItsCommandLineAlone) {
    const char* const other[] = {"--instance", "a", "b"};
    EXPECT_EQ(run_as_keeper(3, other), -1);
    const char* const wrong[] = {kKeeperMode, "/nowhere", "soon"};
    EXPECT_EQ(run_as_keeper(3, wrong), 2);
    const char* const nothing[] = {kKeeperMode, "/nowhere", "1"};
    EXPECT_EQ(run_as_keeper(3, nothing), 0) << "no record: nothing to keep";
}

}  // namespace
}  // namespace pf::driver
