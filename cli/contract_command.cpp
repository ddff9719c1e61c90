// pfvd contract: every number that crosses the boundary, from the headers themselves.
#include "contract_verb.hpp"

#include <pf/rig/console.hpp>

#include "verbs.hpp"

namespace pf::cli {

int run(const ContractOptions& options) {
    return rig::print("pfvd contract", options.json       ? contract_json()
                                       : options.markdown ? contract_markdown()
                                                          : contract_text());
}

}  // namespace pf::cli
