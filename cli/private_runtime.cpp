#include "private_runtime.hpp"

#include <filesystem>

#include <pf/os/program.hpp>

namespace pf::cli {

namespace {

void remove(const std::string& path) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

}  // namespace

os::Result<std::unique_ptr<PrivateRuntime>> PrivateRuntime::make(os::LastResort& last_resort) {
    auto path = os::make_temporary_directory("pfvd");
    if (!path) {
        return tl::unexpected(path.error());
    }
    std::unique_ptr<PrivateRuntime> runtime(new PrivateRuntime(*path));
    last_resort.also([path = *path] { remove(path); });
    if (auto set = os::set_environment("XDG_RUNTIME_DIR", *path); !set) {
        return tl::unexpected(set.error());
    }
    return runtime;
}

PrivateRuntime::~PrivateRuntime() {
    remove(path_);
}

}  // namespace pf::cli
