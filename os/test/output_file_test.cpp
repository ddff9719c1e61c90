#include <pf/os/output_file.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pf::os {
namespace {

class OutputFileTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "pf-out-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name) const { return (directory_ / name).string(); }
    std::string fifo(const std::string& name) const {
        EXPECT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
        return path(name);
    }
    static std::string content(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static std::span<const std::byte> bytes(std::string_view text) {
        return std::as_bytes(std::span(text));
    }

    std::filesystem::path directory_;
};

TEST_F(OutputFileTest, WhatIsWrittenIsThereAtOnce) {
    auto file = OutputFile::open(path("a"), {});
    ASSERT_TRUE(file);
    EXPECT_TRUE((*file)->created());
    EXPECT_TRUE((*file)->seekable());
    ASSERT_TRUE((*file)->write(bytes("one two")));
    EXPECT_EQ(content(path("a")), "one two");
    ASSERT_TRUE((*file)->seek(4));
    ASSERT_TRUE((*file)->write(bytes("TWO")));
    EXPECT_TRUE((*file)->close());
    EXPECT_EQ(content(path("a")), "one TWO");
}

TEST_F(OutputFileTest, AnOldFileStaysUntilItIsTruncated) {
    std::ofstream(path("a")) << "old content";
    auto file = OutputFile::open(path("a"), {});
    ASSERT_TRUE(file);
    EXPECT_FALSE((*file)->created());
    EXPECT_EQ(content(path("a")), "old content");
    ASSERT_TRUE((*file)->truncate(3));
    EXPECT_EQ(content(path("a")), "old");
    ASSERT_TRUE((*file)->truncate());
    EXPECT_EQ(content(path("a")), "");
}

TEST_F(OutputFileTest, EveryNameOfTheSystemIsAName) {
    for (const char* name :
         {"a:b", "pipe:1", "http:x", "%d%s", "-x", "new\nline", "\xff\xfe", " "}) {
        auto file = OutputFile::open(path(name), {});
        ASSERT_TRUE(file) << name;
        ASSERT_TRUE((*file)->write(bytes("x")));
        EXPECT_EQ(content(path(name)), "x");
    }
}

TEST_F(OutputFileTest, WhatCannotBeOpenedIsNamed) {
    std::filesystem::create_directory(directory_ / "d");
    for (const std::string& name :
         {path("d"), path("no/such"), path(std::string(300, 'x')), std::string()}) {
        auto file = OutputFile::open(name, {});
        ASSERT_FALSE(file) << name;
        EXPECT_NE(file.error().message().find(name), std::string::npos);
        EXPECT_GT(file.error().code, 0);
    }
}

TEST_F(OutputFileTest, AFullDiskIsAnErrorThatStays) {
    auto file = OutputFile::open("/dev/full", {});
    ASSERT_TRUE(file);
    EXPECT_FALSE((*file)->write(bytes("x")));
    EXPECT_FALSE((*file)->write(bytes("x")));
    auto closed = (*file)->close();
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, ENOSPC);
    EXPECT_FALSE((*file)->close());
}

TEST_F(OutputFileTest, TheLimitOfAFilesSizeIsAnErrorAndNoSignal) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{1000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    auto file = OutputFile::open(path("a"), {});
    auto written = (*file)->write(std::vector<std::byte>(2000));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, EFBIG);
    EXPECT_EQ(content(path("a")).size(), 1000U) << "what fits is written";
}

TEST_F(OutputFileTest, AReaderThatLeavesIsAnErrorAndNoSignal) {
    const std::string name = fifo("f");
    const int reader = ::open(name.c_str(), O_RDONLY | O_NONBLOCK);
    auto file = OutputFile::open(name, {});
    ASSERT_TRUE(file);
    EXPECT_TRUE((*file)->has_reader());
    EXPECT_FALSE((*file)->seekable());
    ASSERT_TRUE((*file)->write(bytes("x")));
    ::close(reader);
    auto written = (*file)->write(bytes("x"));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, EPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST_F(OutputFileTest, AFifoWaitsForItsReaderUntilCancelledOrDue) {
    const std::string name = fifo("f");
    auto late = OutputFile::open(name, now_ns());
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ENXIO);

    auto cancel = Flag::create();
    ASSERT_TRUE(cancel);
    std::thread canceller([&] { cancel->set(); });
    EXPECT_FALSE(OutputFile::open(name, {kNever, &*cancel}));
    canceller.join();

    int reader = -1;
    std::thread opener([&] { reader = ::open(name.c_str(), O_RDONLY); });
    EXPECT_TRUE(OutputFile::open(name, {}));
    opener.join();
    ::close(reader);
}

// Standard output of this process, for a while.
class StandardOutput {
public:
    explicit StandardOutput(int descriptor) : before_(::dup(STDOUT_FILENO)) {
        ::dup2(descriptor, STDOUT_FILENO);
        ::close(descriptor);
    }
    ~StandardOutput() {
        ::dup2(before_, STDOUT_FILENO);
        ::close(before_);
    }
    StandardOutput(const StandardOutput&) = delete;
    StandardOutput& operator=(const StandardOutput&) = delete;

private:
    int before_;
};

TEST_F(OutputFileTest, StandardOutputGoesOnWhereOthersWrote) {
    for (const int more : {0, O_APPEND}) {
        std::ofstream(path("a")) << "before ";
        Result<void> closed;
        {
            const int file = ::open(path("a").c_str(), O_WRONLY | more);
            ::lseek(file, 0, SEEK_END);
            const StandardOutput standard(file);
            auto out = OutputFile::standard_output();
            ASSERT_TRUE(out);
            EXPECT_EQ((*out)->seekable(), more == 0);
            (void)(*out)->truncate();
            (void)(*out)->write(bytes("xxx"));
            if ((*out)->seekable()) {
                (void)(*out)->seek(0);
                (void)(*out)->write(bytes("y"));
            }
            closed = (*out)->close();
        }
        EXPECT_TRUE(closed);
        EXPECT_EQ(content(path("a")), more == 0 ? "before yxx" : "before xxx");
    }
}

TEST_F(OutputFileTest, APipeOfOthersKeepsItsFlags) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    int flags = 0;
    Result<void> written;
    {
        const StandardOutput standard(ends[1]);
        auto out = OutputFile::standard_output();
        ASSERT_TRUE(out);
        written = (*out)->write(bytes("x"));
        flags = ::fcntl(STDOUT_FILENO, F_GETFL);
    }
    EXPECT_TRUE(written);
    EXPECT_EQ(flags & O_NONBLOCK, 0);
    ::close(ends[0]);
}

TEST_F(OutputFileTest, AReaderThatStandsStillIsGivenUpWhenTold) {
    const std::string name = fifo("f");
    const int reader = ::open(name.c_str(), O_RDONLY | O_NONBLOCK);
    auto file = OutputFile::open(name, {});
    ASSERT_TRUE(file);
    Result<void> written;
    std::thread writer([&] { written = (*file)->write(std::vector<std::byte>(8 << 20)); });
    (*file)->give_up_after(0);
    writer.join();
    EXPECT_FALSE(written);
    ::close(reader);
}

}  // namespace
}  // namespace pf::os
