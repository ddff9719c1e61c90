#include <pf/rig/private_runtime.hpp>

#include <chrono>
#include <filesystem>

#include <pf/os/directory_hold.hpp>
#include <pf/os/program.hpp>
#include <pf/os/runtime_dir.hpp>

namespace pf::rig {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "pfvd";
// A younger one may just be made and not held yet, and what a killed process leaves needs up to
// half a minute to end.
constexpr std::chrono::minutes kYoung{1};

void remove_tree(const fs::path& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

bool is_old(const fs::path& path) {
    std::error_code unreadable;
    const auto changed = fs::last_write_time(path, unreadable);
    return !unreadable && fs::file_time_type::clock::now() - changed > kYoung;
}

void remove_abandoned(const fs::path& base) {
    std::error_code failed;
    for (fs::directory_iterator entry(base, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        const bool ours = name.starts_with(kPrefix) && name.size() == kPrefix.size() + 7;
        if (ours && is_old(entry->path()) && os::hold_directory(entry->path().string())) {
            remove_tree(entry->path());
        }
    }
}

}  // namespace

os::Result<std::unique_ptr<PrivateRuntime>> PrivateRuntime::make(os::LastResort& last_resort) {
    auto path = os::make_temporary_directory(kPrefix);
    if (!path) {
        return tl::unexpected(path.error());
    }
    auto hold = os::hold_directory(*path);
    if (!hold) {
        remove_tree(*path);
        return tl::unexpected(hold.error());
    }
    std::unique_ptr<PrivateRuntime> runtime(new PrivateRuntime(*path, std::move(*hold)));
    last_resort.also([path = *path] { remove_tree(path); });
    remove_abandoned(fs::path(*path).parent_path());
    if (auto set = os::set_runtime_base(*path); !set) {
        return tl::unexpected(set.error());
    }
    return runtime;
}

PrivateRuntime::~PrivateRuntime() {
    remove_tree(path_);
}

}  // namespace pf::rig
