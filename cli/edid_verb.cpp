// pfvd edid: the EDID that a monitor of the driver would have.
#include <cstdio>

#include <fmt/format.h>

#include <pf/core/edid.hpp>
#include <pf/os/program.hpp>

#include "console.hpp"
#include "verbs.hpp"

namespace pf::cli {
namespace {

std::string hex_dump(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text += fmt::format("{:02x}{}", bytes[i], i % 16 == 15 ? "\n" : " ");
    }
    return text;
}

int write(const std::string& path, std::span<const std::uint8_t> bytes) {
    std::FILE* file = path.empty() ? stdout : std::fopen(path.c_str(), "wbe");
    bool written = file != nullptr &&
                   std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() &&
                   std::fflush(file) == 0;
    const os::Error error =
        os::fail_last("write EDID", path.empty() ? "standard output" : path).value();
    if (file != nullptr && file != stdout) {
        written = std::fclose(file) == 0 && written;
    }
    return written ? to_int(ExitCode::done) : report("edid", ExitCode::output, error);
}

}  // namespace

int run(const EdidOptions& options) {
    const core::Mode mode{options.mode.width, options.mode.height, options.mode.refresh_hz};
    const core::Edid edid =
        core::Edid::make(options.serial, mode,
                         {options.max_nits, options.max_frame_avg_nits, options.min_millinits});
    if (options.output.empty() && os::is_terminal(os::Stream::output)) {
        fmt::print("{}", hex_dump(edid.bytes()));
        return to_int(ExitCode::done);
    }
    return write(options.output, edid.bytes());
}

}  // namespace pf::cli
