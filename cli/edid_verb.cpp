// pfvd edid: the EDID that a monitor of the driver would have.
#include <cstdio>

#include <fmt/format.h>

#include <pf/core/edid.hpp>
#include <pf/os/program.hpp>
#include <pf/rig/console.hpp>

#include "verbs.hpp"

namespace pf::cli {
namespace {

constexpr const char* kWho = "pfvd edid";

std::string hex_dump(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text += fmt::format("{:02x}{}", bytes[i], i % 16 == 15 ? "\n" : " ");
    }
    return text;
}

os::Result<void> write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
    std::FILE* file = std::fopen(path.c_str(), "wbe");
    if (file == nullptr) {
        return os::fail_last("write EDID", path);
    }
    const bool taken = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if (std::fclose(file) != 0 || !taken) {
        return os::fail_last("write EDID", path);
    }
    return {};
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

int run(const EdidOptions& options) {
    const core::Mode mode{options.mode.width, options.mode.height, options.mode.refresh_hz};
    const core::Edid edid =
        core::Edid::make(options.serial, mode,
                         {options.max_nits, options.max_frame_avg_nits, options.min_millinits});
    if (!options.output.empty() && options.output != "-") {
        const auto written = write_file(options.output, edid.bytes());
        return written ? rig::to_int(rig::ExitCode::done)
                       : rig::report(kWho, rig::ExitCode::output, written.error());
    }
    return rig::print(
        kWho, os::is_terminal(os::Stream::output) ? hex_dump(edid.bytes()) : as_text(edid.bytes()));
}

}  // namespace pf::cli
