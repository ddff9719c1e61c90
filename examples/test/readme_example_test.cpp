// README's example does what its comments say: a whole frame first, then what changed, and it ends
// when it is asked to.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

constexpr std::int64_t kPatienceNs = 60 * os::kSecond;  // on a loaded machine

std::vector<std::string> lines_of(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

TEST(ReadmeExample, TakesAWholeFrameThenChangesAndEndsWhenAsked) {
    const test::PrivateRuntime runtime;
    const test::DriverProcess driver("main", {"--pattern", "small-damage"});
    const auto output = std::filesystem::temp_directory_path() /
                        ("readme-example-" + std::to_string(os::current_pid()));
    os::ChildProcess::Options options;
    options.arguments = {PF_TEST_README_EXAMPLE};
    options.output_file = output;
    options.die_with_parent = true;
    auto child = os::ChildProcess::spawn(options);
    ASSERT_TRUE(child) << child.error().message();

    std::vector<std::string> lines;
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    const auto changes = [&] {
        return std::count_if(lines.begin(), lines.end(),
                             [](const std::string& line) { return line.starts_with("changed "); });
    };
    while (changes() < 3 && os::now_ns() < deadline_ns) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        lines = lines_of(output);
    }
    ASSERT_GE(changes(), 3);
    EXPECT_EQ(lines.front(), "whole 2560x1440");
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "changed 0"), 0);

    child->stop(os::StopHow::ask);
    ASSERT_TRUE(child->wait_exit(os::deadline_after(kPatienceNs))) << "it does not end";
    EXPECT_TRUE(child->exit_status().exited);
    EXPECT_EQ(child->exit_status().code, 0);
    std::filesystem::remove(output);
}

}  // namespace
}  // namespace pf::host
