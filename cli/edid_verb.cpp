// pfvd edid: the EDID that a monitor of the driver would have.
#include <fmt/format.h>

#include <pf/core/edid.hpp>
#include <pf/os/interrupt.hpp>
#include <pf/os/output_file.hpp>
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
    const auto cancel = os::interrupt_flag();
    const auto file = os::OutputFile::open(path, {os::kNever, cancel.value_or(nullptr)});
    if (!file) {
        return tl::unexpected(file.error());
    }
    auto written = (*file)->truncate();
    written = written ? (*file)->write(std::as_bytes(bytes)) : written;
    const auto closed = (*file)->close();
    return written ? closed : written;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

int run(const EdidOptions& options) {
    const core::Mode mode{options.mode.width, options.mode.height, options.mode.refresh_hz,
                          options.mode.refresh_millihertz};
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
