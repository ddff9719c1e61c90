#include <pf/rig/desktop.hpp>

#include <gtest/gtest.h>

namespace pf::rig {
namespace {

TEST(ServerRecord, IsReadOnceItNamesADisplay) {
    EXPECT_FALSE(parse_server_record("pid=12\nstart=34\ndisplay=\n"));
    const auto server =
        parse_server_record("pid=12\nstart=34\ndisplay=:7\nxauthority=/run/a=b\nnoise\n");
    ASSERT_TRUE(server);
    EXPECT_EQ(server->display, ":7");
    EXPECT_EQ(server->xauthority, "/run/a=b");
    EXPECT_EQ(server->process.pid, 12U);
    EXPECT_EQ(server->process.start_ticks, 34U);
}

}  // namespace
}  // namespace pf::rig
