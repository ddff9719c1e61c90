// pfvd contract: every number that crosses the boundary, from the headers themselves.
#include <fmt/format.h>

#include "contract_verb.hpp"
#include "exit_code.hpp"
#include "verbs.hpp"

namespace pf::cli {

int run(const ContractOptions& options) {
    fmt::print("{}", options.json       ? contract_json()
                     : options.markdown ? contract_markdown()
                                        : contract_text());
    return to_int(ExitCode::done);
}

}  // namespace pf::cli
