// A file being written; every write and the final close are checked, because a full disk may show
// only there.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include <pf/os/result.hpp>

namespace pf::sinks {

class OutputFile {
public:
    static os::Result<OutputFile> open(const std::string& path);  // creates or truncates

    os::Result<void> write(std::span<const std::byte> bytes);
    os::Result<void> close();    // once; later calls do nothing
    os::Result<void> discard();  // closes and removes a regular file
    const std::string& path() const { return path_; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    OutputFile(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

    std::unique_ptr<std::FILE, Close> file_;
    std::string path_;
};

}  // namespace pf::sinks
