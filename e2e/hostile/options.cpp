#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace pf::hostile {

Options parse_options(int argc, char** argv) {
    Options options;
    std::random_device entropy;
    options.seed = std::uint64_t{entropy()} << 32 | entropy();
    CLI::App app("Lies to the other side of the boundary, and looks whether it minds.");
    app.add_option("--rewrites", options.rewrites, "lies to tell")
        ->check(CLI::Range(1000, INT32_MAX))
        ->take_last();
    app.add_option("--seed", options.seed, "of all that is random")->take_last();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);
    }
    std::fprintf(stderr, "seed %llu, %llu rewrites\n",
                 static_cast<unsigned long long>(options.seed),
                 static_cast<unsigned long long>(options.rewrites));
    return options;
}

}  // namespace pf::hostile
