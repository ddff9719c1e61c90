#include "driver_options.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

#include <pf/os/clock.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/stream.hpp>
#include <pf/proto/version.hpp>

#include "xorg/keep_time.hpp"

namespace pf::driver {
namespace {

std::string check_instance(const std::string& name) {
    return os::valid_instance_name(name) ? std::string() : std::string(os::instance_name_rule());
}

std::string check_display(const std::string& name) {
    const auto number = name.substr(std::min<std::size_t>(1, name.size()));
    const bool good = name.size() > 1 && name[0] == ':' &&
                      number.find_first_not_of("0123456789.") == std::string::npos;
    return good ? std::string() : "a local display is named :N";
}

// --help and --version are what was asked for: they have to arrive.
int explain(const CLI::App& app, const CLI::ParseError& error) {
    std::ostringstream text;
    if (app.exit(error, text, text) != 0) {
        (void)os::write_stream(os::Stream::error, text.str(), os::deadline_after(os::kSecond));
        return kExitUsage;
    }
    return os::write_stream(os::Stream::output, text.str(), os::kNever) ? kExitOrderly
                                                                        : kExitOutput;
}

std::string check_keep(const std::string& text) {
    return parse_keep(text) ? std::string() : "whole seconds (0 to 1000000000), or never";
}

}  // namespace

std::variant<DriverOptions, int> parse_options(int argc, const char* const* argv) {
    DriverOptions options;
    std::string mode = "copy";
    std::string format = "bgra8";
    std::string keep = "30";
    CLI::App app("Serves virtual displays on one instance of the device interface.",
                 "pf-vdisplay-driver");
    app.set_version_flag("--version", PF_VERSION);
    app.add_option("--instance", options.instance, "name that hosts find this driver under")
        ->required()
        ->check(check_instance);
    app.add_option("--source", options.source, "where frames come from")
        ->check(CLI::IsMember({"x11", "pattern"}))
        ->capture_default_str();
    app.add_option("--protocol", options.protocol_version, "answer as this version's driver would")
        ->check(CLI::Range(1U, 7U))
        ->capture_default_str();
    app.add_option("--display", options.display, "x11: attach to this display, start none")
        ->check(check_display);
    app.add_option("--keep-xserver", keep,
                   "x11: seconds that our X server, with all programs on it, waits for the next "
                   "driver of this instance when this one was killed; or 'never' to end it")
        ->check(check_keep)
        ->capture_default_str();
    app.add_option("--pattern", mode, "pattern: how frames are made")
        ->check(CLI::IsMember({"copy", "zero-copy", "small-damage", "idle"}))
        ->capture_default_str();
    app.add_option("--format", format, "pattern: the pixels' format")
        ->check(CLI::IsMember({"bgra8", "rgb10", "fp16"}))
        ->capture_default_str();
    app.add_option("--log-level", options.log_level)
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->capture_default_str();
    app.add_option("--log-file", options.log_file, "instead of stderr");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return explain(app, error);
    }
    options.keep_xserver_ns = *parse_keep(keep);
    options.pattern.mode = *parse_pattern_mode(mode);
    options.pattern.dxgi_format = *parse_pixel_format(format);
    return options;
}

}  // namespace pf::driver
