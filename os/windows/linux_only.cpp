// What the Linux driver process and its supervisor keep in directories: here a service of the
// system's does that, so nothing of it can be had.
#include <pf/os/directory_hold.hpp>
#include <pf/os/display_server.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/runtime_dir.hpp>

#include <algorithm>

namespace pf::os {

namespace {

tl::unexpected<Error> not_here(const char* operation) {
    return fail(operation, 0, Reaction::fallback,
                "a driver is a service of the system here; see pfvd driver --help");
}

}  // namespace

Result<Handle> hold_directory(const std::string&) {
    return not_here("hold a directory");
}

std::optional<DisplayServer> noted_display_server(const std::string&) {
    return std::nullopt;
}

std::string runtime_directory() {
    return {};
}

Result<void> set_runtime_base(const std::string&) {
    return not_here("set the runtime directory");
}

Result<void> make_private_directory(const std::string&) {
    return not_here("make a runtime directory");
}

bool valid_instance_name(std::string_view name) {
    constexpr std::size_t kLongest = 200;
    const auto printable = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '/'; };
    return !name.empty() && name.size() <= kLongest &&
           std::all_of(name.begin(), name.end(), printable) &&
           name.find('\\') != std::string_view::npos;
}

std::string_view instance_name_rule() {
    return "an instance is a device of the system, such as ROOT\\DISPLAY\\0000";
}

Result<InstanceDirectory> InstanceDirectory::acquire(const std::string&) {
    return not_here("acquire an instance");
}

Result<Handle> InstanceDirectory::listen() const {
    return not_here("listen");
}

Result<void> InstanceDirectory::set_state(InstanceState, std::string_view, std::uint32_t) {
    return not_here("set the instance's state");
}

Result<void> InstanceDirectory::set_monitors(std::vector<std::string>) {
    return {};
}

Result<void> InstanceDirectory::set_display(std::string, std::string) {
    return {};
}

InstanceDirectory::~InstanceDirectory() = default;

}  // namespace pf::os
