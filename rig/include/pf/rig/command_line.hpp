// What our programs' command lines have in common.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace pf::rig {

// A number, not NaN, within these bounds. (CLI::Range lets a NaN through.)
CLI::Validator between(double least, double most);

// `program` outlives the parsing.
CLI::Option* add_driver(CLI::App& app, std::string& program);

// What is to be told of `error`: the help that was asked for on standard output, else one line on
// stderr that names the program (the app's name) and the verb. Returns the exit code.
int explain(const CLI::App& app, const CLI::ParseError& error);

}  // namespace pf::rig
