#include <pf/rig/command_line.hpp>

#include <sstream>

#include <fmt/format.h>

#include <pf/rig/console.hpp>

namespace pf::rig {

CLI::Validator between(double least, double most) {
    const auto check = [least, most](const std::string& text) {
        double value = 0;
        const bool good = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
        return good ? std::string()
                    : fmt::format("'{}' is not between {} and {}", text, least, most);
    };
    return {check, fmt::format("{} to {}", least, most)};
}

CLI::Option* add_driver(CLI::App& app, std::string& program) {
    return app
        .add_option("--driver", program, "the driver's program (default: the one beside this one)")
        ->type_name("PATH");
}

// CLI11 explains in several lines; an error of ours is one.
int explain(const CLI::App& app, const CLI::ParseError& error) {
    const auto given = app.get_subcommands();
    const std::string who =
        given.empty() ? app.get_name() : app.get_name() + " " + given.front()->get_name();
    if (error.get_exit_code() == 0) {  // --help, --version
        std::ostringstream text;
        (void)app.exit(error, text, text);
        return print(who, text.str());
    }
    return report(who, ExitCode::usage, fmt::format("{}; see {} --help", error.what(), who));
}

}  // namespace pf::rig
