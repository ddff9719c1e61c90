#include <pf/os/display_server.hpp>

#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>
#include <pf/os/instance_directory.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

class NotedServer : public testing::Test {
protected:
    void note(const std::string& text) const {
        std::ofstream(instance_.path() + "/" + kDisplayServerFile) << text;
    }
    std::optional<DisplayServer> noted() const { return noted_display_server(instance_.path()); }

    const test::ScopedRuntimeDirectory base_;
    const InstanceDirectory instance_ = std::move(*InstanceDirectory::acquire("main"));
};

TEST_F(NotedServer, IsToldOnceItNamesADisplay) {
    EXPECT_FALSE(noted());
    note("pid=12\nstart=34\ndisplay=\n");
    EXPECT_FALSE(noted());
    note("pid=12\nstart=34\ndisplay=:7\nxauthority=/run/a=b\nnoise\n");
    const auto server = noted();
    ASSERT_TRUE(server);
    EXPECT_EQ(server->display, ":7");
    EXPECT_EQ(server->xauthority, "/run/a=b");
    EXPECT_EQ(server->process.pid, 12U);
    EXPECT_EQ(server->process.start_ticks, 34U);
    EXPECT_FALSE(noted_display_server(instance_.path() + "-none"));
}

TEST_F(NotedServer, IsOpenedOnlyIfItIsTheSameProcess) {
    DisplayServer server{*identify_process(current_pid()), ":7", "", ""};
    note(server.encode());
    EXPECT_EQ(open_display_server(instance_.path()).pid(), current_pid());
    server.process.start_ticks += 1;
    note(server.encode());
    EXPECT_FALSE(open_display_server(instance_.path()));
}

TEST_F(NotedServer, SomethingElseInItsPlaceIsNone) {
    const std::string file = instance_.path() + "/" + kDisplayServerFile;
    note(std::string(100'000, 'x'));
    EXPECT_FALSE(noted());
    ::unlink(file.c_str());
    ASSERT_EQ(::symlink("/proc/self/status", file.c_str()), 0);
    EXPECT_FALSE(noted());
}

}  // namespace
}  // namespace pf::os
