#include "output_file.hpp"

#include <filesystem>

namespace pf::sinks {

os::Result<OutputFile> OutputFile::open(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "wbe");
    if (file == nullptr) {
        return os::fail_last("open output file", path);
    }
    return OutputFile(file, path);
}

os::Result<void> OutputFile::write(std::span<const std::byte> bytes) {
    if (!file_ || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
        return os::fail_last("write output file", path_);
    }
    return {};
}

os::Result<void> OutputFile::close() {
    if (file_ && std::fclose(file_.release()) != 0) {
        return os::fail_last("write output file", path_);
    }
    return {};
}

os::Result<void> OutputFile::discard() {
    file_.reset();
    std::error_code ignored;
    if (std::filesystem::is_regular_file(std::filesystem::symlink_status(path_, ignored))) {
        std::filesystem::remove(path_, ignored);
    }
    return {};
}

}  // namespace pf::sinks
