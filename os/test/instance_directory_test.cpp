#include <pf/os/instance_directory.hpp>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <pf/os/runtime_dir.hpp>

#include "test_driver.hpp"
#include "test_support.hpp"

namespace pf::os {
namespace {

namespace fs = std::filesystem;

class InstanceDirectoryTest : public testing::Test {
protected:
    test::ScopedRuntimeDirectory base_;

    static Instance only_instance() {
        const auto instances = list_instances();
        EXPECT_TRUE(instances && instances->size() == 1);
        return instances && instances->size() == 1 ? instances->front() : Instance{};
    }
};

TEST_F(InstanceDirectoryTest, NothingThereIsAnEmptyList) {
    EXPECT_TRUE(list_instances()->empty());
}

TEST_F(InstanceDirectoryTest, OpenToOthersIsAnError) {
    ASSERT_TRUE(make_private_directory(runtime_directory()));
    ::chmod(runtime_directory().c_str(), 0777);
    EXPECT_EQ(list_instances().error().reaction, Reaction::reject);
}

TEST_F(InstanceDirectoryTest, OrderlyLife) {
    const int before = test::open_descriptor_count();
    {
        auto instance = InstanceDirectory::acquire("main");
        ASSERT_TRUE(instance) << instance.error().message();
        EXPECT_EQ(instance->path(), runtime_directory() + "/main");
        EXPECT_EQ(only_instance().state, InstanceState::stale);
        const auto listener = instance->listen();
        ASSERT_TRUE(listener);
        ASSERT_TRUE(instance->set_state(InstanceState::active, "", 5));
        EXPECT_EQ(only_instance().state, InstanceState::active);
        EXPECT_EQ(only_instance().pid, current_pid());
        EXPECT_EQ(only_instance().protocol, 5u);
        const InstanceDirectory moved = std::move(*instance);
        EXPECT_EQ(only_instance().state, InstanceState::active);
    }
    EXPECT_EQ(only_instance().state, InstanceState::stopped);
    EXPECT_FALSE(only_instance().reason.empty());
    EXPECT_FALSE(fs::exists(runtime_directory() + "/main/control"));
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST_F(InstanceDirectoryTest, FailureStays) {
    {
        auto instance = InstanceDirectory::acquire("main");
        ASSERT_TRUE(instance->set_state(InstanceState::failed, "Xorg is\nmissing", 6));
        EXPECT_EQ(instance->set_state(InstanceState::stale, "", 6).error().reaction, Reaction::bug);
    }
    EXPECT_EQ(only_instance().state, InstanceState::failed);
    EXPECT_EQ(only_instance().reason, "Xorg is missing");
}

TEST_F(InstanceDirectoryTest, LongReasonStaysReadable) {
    auto instance = InstanceDirectory::acquire("main");
    ASSERT_TRUE(instance->set_state(InstanceState::failed, std::string(100'000, 'x'), 6));
    EXPECT_EQ(only_instance().state, InstanceState::failed);
}

TEST_F(InstanceDirectoryTest, NamesTheDisplayWhileItLives) {
    {
        auto instance = InstanceDirectory::acquire("main");
        ASSERT_TRUE(instance->set_display(":40", "/run/x"));
        ASSERT_TRUE(instance->set_state(InstanceState::active, "", 6));
        EXPECT_EQ(only_instance().display, ":40");
        EXPECT_EQ(only_instance().xauthority, "/run/x");
        ASSERT_TRUE(instance->set_display(":41", std::string(100'000, 'x')));
        EXPECT_EQ(only_instance().display, ":41");
        EXPECT_EQ(only_instance().xauthority, "");
    }
    EXPECT_EQ(only_instance().display, "");
}

// A file-size limit takes the first bytes and refuses the next, as a disk that fills up does.
TEST_F(InstanceDirectoryTest, AShortWriteFailsAndLeavesTheOldState) {
    auto instance = InstanceDirectory::acquire("main");
    ASSERT_TRUE(instance->set_state(InstanceState::active, "", 6));
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit tight{10, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const auto written = instance->set_state(InstanceState::failed, "why", 6);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, SIG_DFL);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, EFBIG);
    EXPECT_EQ(only_instance().state, InstanceState::active);
    EXPECT_FALSE(fs::exists(runtime_directory() + "/main/state.new"));
}

TEST_F(InstanceDirectoryTest, OneDriverLivesInIt) {
    auto first = InstanceDirectory::acquire("main");
    const auto second = InstanceDirectory::acquire("main");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reaction, Reaction::reject);
    EXPECT_TRUE(InstanceDirectory::acquire("other"));
    first = tl::unexpected(second.error());  // ends
    EXPECT_TRUE(InstanceDirectory::acquire("main"));
}

TEST_F(InstanceDirectoryTest, LookingNeverTakesTheLock) {
    ASSERT_TRUE(InstanceDirectory::acquire("main"));
    std::atomic<bool> done{false};
    std::thread looker([&] {
        while (!done) {
            (void)list_instances();
        }
    });
    for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(InstanceDirectory::acquire("main"));
    }
    done = true;
    looker.join();
}

TEST_F(InstanceDirectoryTest, KilledDriverIsStaleAndReplaceable) {
    auto driver = test::start_driver("main", test::serve_properly);
    EXPECT_EQ(only_instance().state, InstanceState::active);
    driver->kill_and_reap();
    EXPECT_EQ(only_instance().state, InstanceState::stale);
    EXPECT_EQ(only_instance().reason,
              "driver process " + std::to_string(driver->pid()) + " is gone");
    driver = test::start_driver("main", test::serve_properly);
    EXPECT_EQ(only_instance().state, InstanceState::active);
}

TEST_F(InstanceDirectoryTest, ChildrenOfADriverDoNotKeepItAlive) {
    test::ForkedChild driver([] {
        auto instance = InstanceDirectory::acquire("main");
        ChildProcess::Options options;
        options.arguments = {"sleep", "1000"};
        options.detached = true;
        options.output_file = instance->path() + "/out";
        const auto server = ChildProcess::spawn(options);
        std::ofstream(instance->path() + "/server") << server->process().pid() << std::endl;
        (void)instance->set_state(InstanceState::active, "", 6);
        for (;;) {
            ::pause();
        }
    });
    ASSERT_TRUE(test::eventually([] {
        const auto instances = list_instances();
        return instances->size() == 1 && instances->front().state == InstanceState::active;
    }));
    driver.kill_and_reap();
    EXPECT_EQ(only_instance().state, InstanceState::stale);
    EXPECT_TRUE(InstanceDirectory::acquire("main"));
    std::uint32_t server = 0;
    std::ifstream(runtime_directory() + "/main/server") >> server;
    EXPECT_TRUE(stop_process(*Process::open(server), StopHow::kill));
}

TEST_F(InstanceDirectoryTest, ListExplainsStrangeDirectories) {
    ASSERT_TRUE(make_private_directory(runtime_directory() + "/empty"));
    ASSERT_TRUE(make_private_directory(runtime_directory() + "/fifo"));
    ASSERT_EQ(::mkfifo((runtime_directory() + "/fifo/state").c_str(), 0600), 0);
    ASSERT_TRUE(make_private_directory(runtime_directory() + "/huge"));
    std::ofstream(runtime_directory() + "/huge/state") << "state=failed\n"
                                                       << std::string(9999, 'x');
    ASSERT_TRUE(make_private_directory(runtime_directory() + "/open"));
    ::chmod((runtime_directory() + "/open").c_str(), 0777);
    ASSERT_TRUE(make_private_directory(runtime_directory() + "/bad name"));
    std::ofstream(runtime_directory() + "/file") << "state=active\n";
    fs::create_directory_symlink("empty", runtime_directory() + "/link");
    const auto instances = list_instances();
    ASSERT_EQ(instances->size(), 4u);
    const char* names[] = {"empty", "fifo", "huge", "open"};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ((*instances)[i].name, names[i]);
        EXPECT_EQ((*instances)[i].state, InstanceState::stale);
        EXPECT_FALSE((*instances)[i].reason.empty());
    }
}

TEST_F(InstanceDirectoryTest, ReusedPidIsNotTheDriver) {
    ASSERT_TRUE(make_private_directory(runtime_directory() + "/main"));
    std::ofstream(runtime_directory() + "/main/state")
        << "state=active\npid=" << current_pid() << "\nstart=1\n";
    EXPECT_EQ(only_instance().state, InstanceState::stale);
    EXPECT_EQ(only_instance().pid, 0u);
}

TEST_F(InstanceDirectoryTest, PathsLongerThanASocketAddress) {
    const std::string deep = base_.path() + "/" + std::string(120, 'd');
    ASSERT_TRUE(make_private_directory(deep));
    ::setenv("XDG_RUNTIME_DIR", deep.c_str(), 1);
    auto driver = test::start_driver(std::string(64, 'n'), test::serve_properly);
    EXPECT_TRUE(DeviceChannel::open(std::string(64, 'n')));
}

TEST_F(InstanceDirectoryTest, BadNamesAreRefused) {
    EXPECT_EQ(InstanceDirectory::acquire("../x").error().reaction, Reaction::reject);
    EXPECT_EQ(DeviceChannel::open("../x").error().reaction, Reaction::reject);
    EXPECT_TRUE(fs::is_empty(base_.path()));
}

TEST(InstanceDirectory, Names) {
    for (const char* good : {"main", "a", "A.b_c-9", "_"}) {
        EXPECT_TRUE(valid_instance_name(good)) << good;
    }
    EXPECT_TRUE(valid_instance_name(std::string(64, 'x')));
    EXPECT_FALSE(valid_instance_name(std::string(65, 'x')));
    for (const char* bad : {"", ".", "..", ".hidden", "a/b", "a b", "a\n", "\xc3\xa4"}) {
        EXPECT_FALSE(valid_instance_name(bad)) << bad;
    }
}

}  // namespace
}  // namespace pf::os
