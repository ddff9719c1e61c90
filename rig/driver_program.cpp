#include <pf/rig/driver_program.hpp>

#include <filesystem>

#include <pf/os/program.hpp>

namespace pf::rig {

namespace {

constexpr const char* kDriverProgram = "pf-vdisplay-driver";

}  // namespace

std::string find_driver_program(const std::string& given) {
    if (!given.empty()) {
        return given;
    }
    if (const auto own = os::executable_path()) {
        const auto beside = std::filesystem::path(*own).parent_path();
        for (const auto& place :
             {beside, beside / "../libexec", beside / "../libexec/pf-vdisplay"}) {
            std::error_code unreadable;
            if (std::filesystem::is_regular_file(place / kDriverProgram, unreadable)) {
                return (place / kDriverProgram).lexically_normal().string();
            }
        }
    }
    return kDriverProgram;
}

std::vector<std::string> driver_arguments(const std::string& program, const DriverLaunch& launch) {
    std::vector<std::string> arguments{program, "--instance", launch.instance};
    const auto add = [&arguments](const char* name, const std::string& value) {
        if (!value.empty()) {
            arguments.insert(arguments.end(), {name, value});
        }
    };
    add("--source", launch.source);
    add("--display", launch.display);
    add("--pattern", launch.pattern);
    add("--format", launch.format);
    add("--protocol", launch.protocol);
    return arguments;
}

}  // namespace pf::rig
