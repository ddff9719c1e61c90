#include <pf/os/output_file.hpp>

#include <windows.h>

#include "native_codes.hpp"
#include "native_handle.hpp"
#include "pipe_write.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

constexpr const char* kOpen = "open output file";
constexpr const char* kWrite = "write output file";

std::string describe(const std::string& name, DWORD code) {
    switch (code) {
        case ERROR_BROKEN_PIPE:
        case ERROR_NO_DATA: return name + ": its reader is gone";
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL: return name + ": no space left";
        case ERROR_PATH_NOT_FOUND:
        case ERROR_FILE_NOT_FOUND: return name + ": no such directory";
        case ERROR_ACCESS_DENIED: return name + ": permission denied";
        case ERROR_SHARING_VIOLATION: return name + ": another program has it open";
        default: return name + ": error " + std::to_string(code);
    }
}

tl::unexpected<Error> fail_code(const char* operation, DWORD code, const std::string& name) {
    return fail(operation, code, reaction_of_native(code), describe(name, code));
}

}  // namespace

Result<std::shared_ptr<OutputFile>> OutputFile::open(const std::string& path, const Patience&) {
    const std::wstring name = widen(path);
    constexpr DWORD kShared = FILE_SHARE_READ | FILE_SHARE_DELETE;
    Handle handle =
        adopt_handle(::CreateFileW(name.c_str(), GENERIC_WRITE | FILE_READ_ATTRIBUTES, kShared,
                                   nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr));
    const DWORD code = ::GetLastError();
    if (!handle) {
        return fail_code(kOpen, code, path);
    }
    std::shared_ptr<OutputFile> file(new OutputFile(std::move(handle), path));
    file->created_ = code != ERROR_ALREADY_EXISTS;
    file->named_ = true;
    if (auto known = file->inspect(); !known) {
        return tl::unexpected(known.error());
    }
    return file;
}

Result<std::shared_ptr<OutputFile>> OutputFile::standard_output() {
    const std::string name = "standard output";
    HANDLE copy = nullptr;
    const HANDLE self = ::GetCurrentProcess();
    if (::DuplicateHandle(self, ::GetStdHandle(STD_OUTPUT_HANDLE), self, &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS) == 0) {
        return fail_code(kOpen, ::GetLastError(), name);
    }
    std::shared_ptr<OutputFile> file(new OutputFile(adopt_handle(copy), name));
    if (auto known = file->inspect(); !known) {
        return tl::unexpected(known.error());
    }
    return file;
}

Result<void> OutputFile::inspect() {
    regular_ = ::GetFileType(handle_of(handle_)) == FILE_TYPE_DISK;
    LARGE_INTEGER at{};
    seekable_ =
        regular_ && ::SetFilePointerEx(handle_of(handle_), LARGE_INTEGER{}, &at, FILE_CURRENT) != 0;
    base_ = seekable_ ? at.QuadPart : 0;
    return {};
}

OutputFile::~OutputFile() = default;

tl::unexpected<Error> OutputFile::keep(const Error& error) {
    if (!failure_) {
        failure_ = error;
    }
    return tl::unexpected(*failure_);
}

Result<void> OutputFile::write_all(std::span<const std::byte> bytes) {
    const std::int64_t since_ns = now_ns();
    const unsigned long code = write_while(
        handle_.native(), bytes, [this, since_ns] { return now_ns() - since_ns < limit_ns_; });
    if (code == ERROR_OPERATION_ABORTED) {
        return fail(kWrite, 0, Reaction::reject, name_ + ": its reader takes nothing more");
    }
    return code == 0 ? Result<void>() : fail_code(kWrite, code, name_);
}

Result<void> OutputFile::write(std::span<const std::byte> bytes) {
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    auto written = write_all(bytes);
    return written ? written : keep(written.error());
}

Result<void> OutputFile::seek(std::int64_t position) {
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    LARGE_INTEGER to{};
    to.QuadPart = base_ + position;
    if (::SetFilePointerEx(handle_of(handle_), to, nullptr, FILE_BEGIN) == 0) {
        return keep(fail_code(kWrite, ::GetLastError(), name_).value());
    }
    return {};
}

Result<void> OutputFile::truncate(std::int64_t bytes) {
    FILE_END_OF_FILE_INFO end{};
    end.EndOfFile.QuadPart = bytes;
    if (named_ && regular_ &&
        ::SetFileInformationByHandle(handle_of(handle_), FileEndOfFileInfo, &end, sizeof end) ==
            0) {
        return keep(fail_code(kWrite, ::GetLastError(), name_).value());
    }
    return {};
}

Result<void> OutputFile::close() {
    handle_.reset();
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    return {};
}

Result<void> OutputFile::remove() {
    handle_.reset();
    if (named_ && regular_ && ::DeleteFileW(widen(name_).c_str()) == 0) {
        return fail_code("remove output file", ::GetLastError(), name_);
    }
    return {};
}

}  // namespace pf::os
