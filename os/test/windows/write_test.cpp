#include <gtest/gtest.h>
#include <windows.h>

#include <pf/os/output_file.hpp>
#include <pf/os/program.hpp>

#include "native_handle.hpp"
#include "pipe_write.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

struct Pipe {
    Pipe() {
        HANDLE from = nullptr;
        HANDLE to = nullptr;
        ::CreatePipe(&from, &to, nullptr, 4096);
        reader = adopt_handle(from);
        writer = adopt_handle(to);
    }
    Handle reader, writer;
};

TEST(WindowsWrite, AReaderThatTakesNothingHoldsNobody) {
    Pipe pipe;
    const std::vector<std::byte> much(1 << 20);
    const std::int64_t end_ns = now_ns() + 100 * kMillisecond;
    EXPECT_EQ(write_while(pipe.writer.native(), much, [=] { return now_ns() < end_ns; }),
              static_cast<unsigned long>(ERROR_OPERATION_ABORTED));
}

TEST(WindowsWrite, AReaderThatLeftIsAnError) {
    Pipe pipe;
    pipe.reader.reset();
    const std::byte one[1] = {};
    EXPECT_NE(write_while(pipe.writer.native(), one, [] { return true; }), 0u);
}

TEST(WindowsOutputFile, IsWrittenWholeAndTakenAway) {
    const auto directory = make_temporary_directory("pf-test");
    ASSERT_TRUE(directory);
    const std::string path = *directory + "\\\xC3\xA4.raw";  // a name beyond ASCII
    const std::byte bytes[4] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    {
        auto file = OutputFile::open(path, {});
        ASSERT_TRUE(file) << file.error().message();
        EXPECT_TRUE((*file)->created());
        EXPECT_TRUE((*file)->write(bytes));
        EXPECT_TRUE((*file)->seek(1));
        EXPECT_TRUE((*file)->write(std::span(bytes).first(1)));
        EXPECT_TRUE((*file)->truncate(3));
        EXPECT_TRUE((*file)->close());
    }
    WIN32_FILE_ATTRIBUTE_DATA facts{};
    ASSERT_NE(::GetFileAttributesExW(widen(path).c_str(), GetFileExInfoStandard, &facts), 0);
    EXPECT_EQ(facts.nFileSizeLow, 3u);
    auto again = OutputFile::open(path, {});
    EXPECT_FALSE((*again)->created());
    EXPECT_TRUE((*again)->remove());
    EXPECT_EQ(::GetFileAttributesW(widen(path).c_str()), INVALID_FILE_ATTRIBUTES);
}

TEST(WindowsOutputFile, ADirectoryThatIsNotThereIsNamed) {
    const auto file = OutputFile::open("Z:\\no\\such\\place\\a.raw", {});
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().detail.find("no such directory"), std::string::npos)
        << file.error().detail;
}

}  // namespace
}  // namespace pf::os
