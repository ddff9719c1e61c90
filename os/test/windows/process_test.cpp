#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <pf/os/process.hpp>
#include <pf/os/program.hpp>
#include <pf/os/wait.hpp>

namespace pf::os {
namespace {

ChildProcess run(std::vector<std::string> arguments, std::string output_file = {},
                 std::vector<std::string> environment = {}) {
    auto child = ChildProcess::spawn({.arguments = std::move(arguments),
                                      .environment = std::move(environment),
                                      .output_file = std::move(output_file)});
    EXPECT_TRUE(child) << child.error().message();
    return std::move(*child);
}

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(WindowsProcess, ThisOne) {
    const auto self = Process::open(current_pid());
    ASSERT_TRUE(self) << self.error().message();
    EXPECT_TRUE(self->alive());
    EXPECT_NE(self->identity().start_ticks, 0u);
    EXPECT_EQ(identify_process(current_pid()).value(), self->identity());
    EXPECT_TRUE(Process::open(current_pid(), ProcessUse::give_handles));
}

TEST(WindowsProcess, OneThatIsGone) {
    auto child = run({"cmd", "/c", "exit"});
    ASSERT_TRUE(child.wait_exit(now_ns() + 20 * kSecond));
    EXPECT_FALSE(child.process().alive());
    const auto gone = Process::open(child.process().pid());
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().reaction, Reaction::reopen);
}

TEST(WindowsProcess, AKilledChildSaysSo) {
    auto child = run({"cmd", "/c", "pause"});
    EXPECT_TRUE(child.process().alive());
    child.stop(StopHow::kill);
    ASSERT_TRUE(child.wait_exit(now_ns() + 20 * kSecond));
    EXPECT_TRUE(child.exit_status().killed);
    EXPECT_FALSE(stop_process(child.process(), StopHow::kill));
}

TEST(WindowsProcess, ArgumentsEnvironmentAndOutput) {
    const auto directory = make_temporary_directory("pf-test");
    ASSERT_TRUE(directory) << directory.error().message();
    const std::string file = *directory + "\\out.txt";
    auto child = run({"cmd", "/c", "echo %PF_TEST_WORD%"}, file, {"PF_TEST_WORD=a b"});
    ASSERT_TRUE(child.wait_exit(now_ns() + 20 * kSecond));
    EXPECT_NE(content_of(file).find("a b"), std::string::npos) << content_of(file);
}

TEST(WindowsProcess, AProgramThatIsNotThere) {
    const auto child = ChildProcess::spawn(
        {.arguments = {"no-such-program-of-ours"}, .environment = {}, .output_file = {}});
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().reaction, Reaction::reopen);
}

}  // namespace
}  // namespace pf::os
