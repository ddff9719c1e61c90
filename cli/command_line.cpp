#include "command_line.hpp"

#include <initializer_list>
#include <map>

#include <fmt/format.h>

#include <pf/os/instance_directory.hpp>
#include <pf/os/program.hpp>
#include <pf/rig/command_line.hpp>
#include <pf/rig/exit_code.hpp>

namespace pf::cli {
namespace {

using sinks::SinkKind;

// Every verb's options, as far as they were given.
struct DriverVerbs {
    DriverOptions run;  // without a verb below
    DriverInstallOptions install;
    DriverRemoveOptions remove;
    DriverStatusOptions status;
    DriverRestartOptions restart;
    DriverReapOptions reap;
};

struct Options {
    DemoOptions demo;
    CaptureOptions capture;
    ListOptions list;
    DriverVerbs driver;
    TopologyRestoreOptions topology_restore;
    EdidOptions edid;
    ContractOptions contract;
    BenchOptions bench;
};

// `mode` outlives the parsing, as everything that an option below writes to.
CLI::Option* add_mode(CLI::App& verb, host::Mode& mode) {
    const auto parse = [&mode](const std::string& text) {
        const auto parsed = host::parse_mode(text);
        if (!parsed) {
            throw CLI::ValidationError(
                "--mode",
                fmt::format(
                    "'{}' is no mode; give WxH@Hz, such as 1920x1080@60 or 1920x1080@59.94, up to "
                    "16384x16384@1000",
                    text));
        }
        mode = *parsed;
    };
    return verb.add_option_function<std::string>("--mode", parse, "size and rate")
        ->type_name("WxH@Hz");
}

auto named(std::initializer_list<SinkKind> kinds, const char* extensions) {
    return [kinds = std::vector<SinkKind>(kinds), extensions](const std::string& path) {
        const auto kind = sinks::kind_of_path(path);
        const bool fits = kind && std::find(kinds.begin(), kinds.end(), *kind) != kinds.end();
        return fits ? std::string() : fmt::format("'{}': name it {}", path, extensions);
    };
}

std::string check_instance(const std::string& name) {
    return os::valid_instance_name(name) ? std::string()
                                         : fmt::format("'{}': {}", name, os::instance_name_rule());
}

std::string check_display(const std::string& name) {
    const bool good = name.size() > 1 && name[0] == ':' &&
                      name.find_first_not_of("0123456789.", 1) == std::string::npos;
    return good ? std::string() : fmt::format("'{}': a local display is named :N", name);
}

// One of some names. (CLI11 by itself takes any number for an enumeration as well.)
template <typename Value, typename Target>
void add_choice(CLI::App& verb, const std::string& name, Target& target,
                const std::map<std::string, Value>& values, const std::string& help) {
    std::vector<std::string> names;
    for (const auto& [text, value] : values) {
        names.push_back(text);
    }
    verb.add_option_function<std::string>(
            name, [&target, values](const std::string& text) { target = values.at(text); }, help)
        ->check(CLI::IsMember(names));
}

void add_launch(CLI::App& verb, rig::DriverLaunch& launch) {
    const std::string group = "A driver that is started";
    rig::add_driver(verb, launch.program)->group(group);
    verb.add_option("--source", launch.source, "where its frames come from")
        ->check(CLI::IsMember({"x11", "pattern"}))
        ->group(group);
    verb.add_option("--display", launch.display, "x11: attach to this display, start none")
        ->check(check_display)
        ->type_name(":N")
        ->group(group);
    verb.add_option("--pattern", launch.pattern, "pattern: how frames are made")
        ->check(CLI::IsMember({"copy", "zero-copy", "small-damage", "idle"}))
        ->group(group);
    verb.add_option("--protocol", launch.protocol, "answer as this version's driver would")
        ->check(CLI::Range(2, 6))
        ->group(group);
}

void add_demo(CLI::App& verb, DemoOptions& options) {
    verb.add_option("--seconds", options.seconds, "to record")
        ->check(rig::between(2, 3600))
        ->capture_default_str();
    add_mode(verb, options.mode)->default_str(host::to_string(options.mode));
    verb.add_option("-o,--output", options.video, "the recording")
        ->check(named({SinkKind::matroska, SinkKind::mp4}, ".mkv or .mp4"))
        ->capture_default_str();
    verb.add_option("--png", options.picture, "the last frame")
        ->check(named({SinkKind::png}, ".png"))
        ->capture_default_str();
    rig::add_driver(verb, options.driver);
    verb.add_flag("--json", options.json, "one JSON object instead of the table");
}

void add_capture_monitor(CLI::App& verb, CaptureOptions& options) {
    host::SessionOptions& session = options.session;
    add_mode(verb, session.mode)->required();
    verb.add_option("--client", session.client_id, "the monitor's id; 0: any")
        ->check(CLI::Range(0, 15));
    verb.add_option("--instance", session.instance,
                    "the driver's name (default: the first that is usable)")
        ->check(check_instance);
    verb.add_option("--format", session.format, "bgra8, rgb10 or fp16")
        ->transform(CLI::Transformer(
            std::map<std::string, host::PixelFormat>{{"bgra8", host::PixelFormat::bgra8},
                                                     {"rgb10", host::PixelFormat::rgb10a2},
                                                     {"fp16", host::PixelFormat::rgba16f}}))
        ->type_name("FORMAT");
    verb.add_flag("--hw-cursor", session.hw_cursor, "leave the pointer out of the frames");
    verb.add_option("--max-nits", session.max_nits, "of the monitor's EDID");
    verb.add_option("--avg-nits", session.max_frame_avg_nits);
    verb.add_option("--min-millinits", session.min_millinits);
}

// An output's kind comes from its name or from another option, so all of them are known first.
void check_output(const CaptureOptions& options, const CLI::Option& output) {
    if (!output.empty() && options.output.empty()) {
        throw CLI::ValidationError("--output", "a file needs a name");
    }
    const bool to_stdout = options.output == sinks::kStandardOutput;
    if (to_stdout && os::is_terminal(os::Stream::output)) {
        throw CLI::ValidationError("--output",
                                   "standard output is a terminal; pipe it, as in "
                                   "pfvd capture ... -o - | mpv -");
    }
    if (!options.output.empty() && !to_stdout && !options.container) {
        const std::string wrong =
            named({SinkKind::matroska, SinkKind::mp4, SinkKind::png, SinkKind::raw},
                  ".mkv, .mp4, .png or .raw, or say which with --container")(options.output);
        if (!wrong.empty()) {
            throw CLI::ValidationError("--output", wrong);
        }
    }
}

CLI::Option* add_capture_output(CLI::App& verb, CaptureOptions& options) {
    verb.add_option("--seconds", options.seconds, "end after this long")
        ->check(rig::between(0.001, 1e7));
    verb.add_option("--frames", options.frames, "end after this many")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 60));
    auto* output = verb.add_option("-o,--output", options.output,
                                   "video, last frame (.png) or bytes (.raw); -: standard output")
                       ->type_name("FILE");
    add_choice<SinkKind>(verb, "--container", options.container,
                         {{"mkv", SinkKind::matroska},
                          {"mp4", SinkKind::mp4},
                          {"png", SinkKind::png},
                          {"raw", SinkKind::raw}},
                         "whatever the file's name (standard output: mkv)");
    add_choice<sinks::VideoCodec>(
        verb, "--codec", options.codec,
        {{"h264", sinks::VideoCodec::h264}, {"ffv1", sinks::VideoCodec::ffv1}},
        "ffv1 is lossless, and .mkv only");
    add_choice<sinks::Chroma>(verb, "--chroma", options.chroma,
                              {{"420", sinks::Chroma::yuv420}, {"444", sinks::Chroma::yuv444}},
                              "of h264; few players take 444");
    verb.add_flag("--verify", options.verify, "prove every frame whole (pattern source)");
    verb.add_flag("--json", options.json, "end with one JSON object");
    return output;
}

void add_driver_image(CLI::App& verb, std::string& image) {
    verb.add_option(
        "--driver-image", image,
        "Windows: the program that hosts the driver, or any (default: the system's own)");
}

void add_capture(CLI::App& verb, CaptureOptions& options) {
    add_capture_monitor(verb, options);
    const auto* output = add_capture_output(verb, options);
    add_driver_image(verb, options.session.driver_image);
    verb.add_flag("--restart-device", options.session.restart_device,
                  "Windows, as an administrator: restart a device that does not come back");
    verb.add_flag("--isolate", options.isolate,
                  "Windows: switch off the other screens as long as this runs");
    verb.add_flag("--supervise", options.supervise,
                  "start the driver if there is none, and again whenever it dies");
    auto* limit = verb.add_option(
        "--max-rebuilds", options.session.policy.max_rebuilds,
        "at once, one is forgiven a second (default: 30, with --supervise no limit)");
    const auto set_budget = [&options](double seconds) {
        options.session.policy.budget_ns = static_cast<std::int64_t>(seconds * 1e9);
    };
    verb.add_option_function<double>("--rebuild-budget", set_budget,
                                     "seconds for one rebuild (default: 40)")
        ->check(rig::between(0.001, 86400));
    add_launch(verb, options.launch);
    verb.final_callback([&options, limit, output] {
        if (options.supervise && limit->empty()) {
            options.session.policy.max_rebuilds = UINT32_MAX;  // the supervisor's limits count
        }
        check_output(options, *output);
    });
}

void add_running(CLI::App& verb, DriverOptions& options) {
    verb.add_option("--instance", options.launch.instance, "name that hosts find it under")
        ->check(check_instance)
        ->capture_default_str();
    add_launch(verb, options.launch);
    verb.add_option("--format", options.launch.format, "pattern: its pixels' format")
        ->check(CLI::IsMember({"bgra8", "rgb10", "fp16"}));
    verb.footer("Other options go to pf-vdisplay-driver as they are; see its --help.");
    verb.allow_extras();
    verb.final_callback([&verb, &options] { options.extra = verb.remaining(); });
}

// A verb below `driver`. It takes no options of others, as `driver` itself does.
CLI::App* add_below(CLI::App& verb, const char* name, const char* help, bool& json) {
    CLI::App* below = verb.add_subcommand(name, help);
    below->allow_extras(false);
    below->footer("");
    below->add_flag("--json", json, "end with one JSON object");
    return below;
}

void add_installing(CLI::App& verb, DriverVerbs& options) {
    auto* install = add_below(
        verb, "install", "Windows: install the driver, or a new version of it; an administrator's",
        options.install.json);
    install->add_option("--inf", options.install.inf, "its package (default: beside this program)")
        ->type_name("PATH");
    install
        ->add_option("--certificate", options.install.certificate,
                     "that it is signed with, to be trusted by this machine (DER or PEM)")
        ->type_name("FILE");
    add_below(verb, "remove", "Windows: its devices, packages and certificates go",
              options.remove.json);
    add_below(verb, "status", "Windows: every device node and package of it", options.status.json);
    add_below(verb, "restart", "Windows: stop and start its devices", options.restart.json)
        ->add_option("--instance", options.restart.instance, "only this one, as list names it")
        ->type_name("ID");
    add_below(verb, "reap", "Windows: phantom devices and monitors of it go", options.reap.json);
}

void add_driver_verb(CLI::App& verb, DriverVerbs& options) {
    add_running(verb, options.run);
    add_installing(verb, options);
    verb.require_subcommand(0, 1);
}

void add_topology(CLI::App& verb, TopologyRestoreOptions& options) {
    add_below(verb, "restore", "light what a capture that died has left dark", options.json);
    verb.require_subcommand(1);
}

void add_edid(CLI::App& verb, EdidOptions& options) {
    verb.add_option("--serial", options.serial, "the monitor's id")
        ->required()
        ->check(CLI::Range(1, 15));
    add_mode(verb, options.mode)->required();
    verb.add_option("--max-nits", options.max_nits);
    verb.add_option("--avg-nits", options.max_frame_avg_nits);
    verb.add_option("--min-millinits", options.min_millinits);
    verb.add_option("-o,--output", options.output)->type_name("FILE");
}

void add_contract(CLI::App& verb, ContractOptions& options) {
    auto* json = verb.add_flag("--json", options.json);
    verb.add_flag("--markdown", options.markdown)->excludes(json);
}

void add_bench(CLI::App& verb, BenchOptions& options) {
    verb.add_option("--seconds", options.seconds, "for each case")
        ->check(rig::between(0.1, 600))
        ->capture_default_str();
    rig::add_driver(verb, options.driver);
    verb.add_option("--instance", options.instance,
                    "measure a driver that runs already, with the pattern as its source")
        ->check(check_instance);
    add_driver_image(verb, options.driver_image);
    verb.add_flag("--json", options.json);
}

void add_verbs(CLI::App& app, Options& options) {
    add_demo(*app.add_subcommand("demo", "Record a real X desktop, killing the driver half-way"),
             options.demo);
    add_capture(*app.add_subcommand("capture", "Add a monitor and take its frames"),
                options.capture);
    app.add_subcommand("list", "Instances of the driver, their state and monitors")
        ->add_flag("--json", options.list.json);
    add_driver_verb(*app.add_subcommand("driver", "Run a driver in the foreground until Ctrl-C"),
                    options.driver);
    add_topology(*app.add_subcommand("topology", "Windows: the screens beside a capture"),
                 options.topology_restore);
    add_edid(*app.add_subcommand("edid", "A monitor's EDID: hex on a terminal, else its bytes"),
             options.edid);
    add_contract(
        *app.add_subcommand("contract", "The binary contract: constants, structs, offsets"),
        options.contract);
    add_bench(*app.add_subcommand("bench", "Measure the ring against a plain one"), options.bench);
}

Command command_of(const std::string& verb, Options& options) {
    const std::map<std::string, Command> commands{{"demo", options.demo},
                                                  {"capture", options.capture},
                                                  {"list", options.list},
                                                  {"driver", options.driver.run},
                                                  {"driver install", options.driver.install},
                                                  {"driver remove", options.driver.remove},
                                                  {"driver status", options.driver.status},
                                                  {"driver restart", options.driver.restart},
                                                  {"driver reap", options.driver.reap},
                                                  {"topology restore", options.topology_restore},
                                                  {"edid", options.edid},
                                                  {"contract", options.contract},
                                                  {"bench", options.bench}};
    return commands.at(verb);
}

// "driver install"
std::string name_of(const CLI::App& verb) {
    const auto below = verb.get_subcommands();
    return below.empty() ? verb.get_name() : verb.get_name() + " " + below.front()->get_name();
}

}  // namespace

std::variant<Command, int> parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Virtual displays whose driver pushes frames straight into a host", "pfvd");
    app.set_version_flag("--version", PF_VERSION);
    app.require_subcommand(1);
    app.footer(rig::exit_code_table());
    Options options;
    add_verbs(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return rig::explain(app, error);
    }
    return command_of(name_of(*app.get_subcommands().front()), options);
}

}  // namespace pf::cli
