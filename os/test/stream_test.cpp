#include <pf/os/stream.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

// Standard error is another file for the time of a test.
class StreamTest : public ::testing::Test {
protected:
    StreamTest() : before_(::dup(STDERR_FILENO)) { ::signal(SIGPIPE, SIG_IGN); }
    ~StreamTest() override {
        give_back();
        ::close(before_);
        ::signal(SIGPIPE, SIG_DFL);
    }
    void put(int descriptor) { ::dup2(descriptor, STDERR_FILENO); }
    void give_back() { ::dup2(before_, STDERR_FILENO); }

    // A pipe in its place.
    void put_pipe() {
        ASSERT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
        put(ends_[1]);
        ::close(ends_[1]);
    }
    std::string read_some() {
        char text[4096];
        const ssize_t count = ::read(ends_[0], text, sizeof text);
        return {text, count > 0 ? static_cast<std::size_t>(count) : 0};
    }

    int ends_[2] = {-1, -1};

private:
    int before_;
};

TEST_F(StreamTest, WritesAllOfIt) {
    put_pipe();
    const auto written = write_stream(Stream::error, "a line\n", 0);
    give_back();
    EXPECT_TRUE(written);
    EXPECT_EQ(read_some(), "a line\n");
    ::close(ends_[0]);
}

TEST_F(StreamTest, AReaderThatLeftIsAnError) {
    put_pipe();
    ::close(ends_[0]);
    const auto written = write_stream(Stream::error, "x", kNever);
    give_back();
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, EPIPE);
    EXPECT_NE(written.error().message().find("standard error"), std::string::npos);
}

TEST_F(StreamTest, AFullDiskIsAnError) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    put(full);
    const auto written = write_stream(Stream::error, "x", kNever);
    give_back();
    ::close(full);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ENOSPC);
}

TEST_F(StreamTest, AReaderThatDoesNotReadHoldsNobodyUp) {
    put_pipe();
    const std::string much(1 << 20, 'x');
    const auto at_once = write_stream(Stream::error, much, 0);
    auto cancel = Flag::create();
    cancel->set();
    const auto cancelled = write_stream(Stream::error, much, kNever, &*cancel);
    give_back();
    ::close(ends_[0]);
    ASSERT_FALSE(at_once);
    EXPECT_EQ(at_once.error().reaction, Reaction::retry);
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().reaction, Reaction::retry);
}

}  // namespace
}  // namespace pf::os
