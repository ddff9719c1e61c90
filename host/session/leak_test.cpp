// Nothing of this process stays behind after a session was rebuilt many times: no descriptor, no
// mapping.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <pf/host/host.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

std::size_t descriptors() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

// Shared memory of rings and cursors that is still mapped.
std::size_t mappings() {
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
        count += line.find("/memfd:") != std::string::npos ? 1 : 0;
    }
    return count;
}

void rebuild_once(Session& session, test::DriverProcess& driver) {
    driver.kill();
    driver.restart();
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    for (bool rebuilt = false; os::now_ns() < deadline_ns;) {
        const auto next = session.next(deadline_ns);
        ASSERT_TRUE(next) << next.error().message();
        if (rebuilt && next->kind == NextKind::frame) {
            return;
        }
        rebuilt = rebuilt || next->kind == NextKind::rebuilt;
    }
    FAIL() << "no rebuild";
}

TEST(Leaks, TwentyRebuildsLeaveNothing) {
    test::PrivateRuntime runtime;
    test::DriverProcess driver;
    SessionOptions options;
    options.mode = {320, 180, 120};
    options.hw_cursor = true;
    options.policy.max_rebuilds = 1000;
    auto opened = Session::open(options);
    ASSERT_TRUE(opened) << opened.error().message();
    rebuild_once(**opened, driver);
    const std::size_t descriptors_before = descriptors();
    const std::size_t mappings_before = mappings();
    for (int i = 0; i < 20; ++i) {
        rebuild_once(**opened, driver);
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << i;
    }
    EXPECT_EQ(descriptors(), descriptors_before);
    EXPECT_EQ(mappings(), mappings_before);
    opened->reset();
    EXPECT_EQ(mappings(), 0u);
}

}  // namespace
}  // namespace pf::host
