// The example as its reader would run it: a driver, the program, an exit code.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

struct Outcome {
    os::ExitStatus status;
    std::string output;
};

Outcome run(std::vector<std::string> arguments) {
    const auto file = std::filesystem::temp_directory_path() /
                      ("minimal-host-" + std::to_string(os::current_pid()));
    arguments.insert(arguments.begin(), PF_TEST_MINIMAL_HOST);
    os::ChildProcess::Options options;
    options.arguments = std::move(arguments);
    options.output_file = file;
    options.die_with_parent = true;
    auto child = os::ChildProcess::spawn(options);
    EXPECT_TRUE(child) << child.error().message();
    EXPECT_TRUE(child->wait_exit(os::deadline_after(60 * os::kSecond)));
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    std::filesystem::remove(file);
    return {child->exit_status(), text.str()};
}

TEST(MinimalHost, TakesFrames) {
    const test::PrivateRuntime runtime;
    const test::DriverProcess driver;
    const Outcome outcome = run({"320x180@60", "90"});
    EXPECT_TRUE(outcome.status.exited);
    EXPECT_EQ(outcome.status.code, 0);
    EXPECT_NE(outcome.output.find("90 frames of 320x180@60"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("of 'main'"), std::string::npos) << "a line a second";
}

TEST(MinimalHost, SaysWhyItCannot) {
    const test::PrivateRuntime runtime;
    EXPECT_EQ(run({"0x0@0"}).status.code, 2);
    const Outcome outcome = run({});
    EXPECT_EQ(outcome.status.code, 1);
    EXPECT_NE(outcome.output.find("no instance of the driver"), std::string::npos)
        << outcome.output;
}

}  // namespace
}  // namespace pf::host
