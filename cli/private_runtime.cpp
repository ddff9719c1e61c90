#include "private_runtime.hpp"

#include <filesystem>

#include <pf/os/program.hpp>

namespace pf::cli {

os::Result<std::unique_ptr<PrivateRuntime>> PrivateRuntime::make() {
    auto path = os::make_temporary_directory("pfvd");
    if (!path) {
        return tl::unexpected(path.error());
    }
    std::unique_ptr<PrivateRuntime> runtime(new PrivateRuntime(*path));
    if (auto set = os::set_environment("XDG_RUNTIME_DIR", *path); !set) {
        return tl::unexpected(set.error());
    }
    return runtime;
}

PrivateRuntime::~PrivateRuntime() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace pf::cli
