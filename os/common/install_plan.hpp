// What an install does next, given what it sees. Pure; whoever carries it out looks at the system
// again after each step, since what a step says of itself is not what has happened. Internal to
// os/.
#pragma once

#include <string_view>

#include <pf/os/driver_package.hpp>

namespace pf::os {

enum class InstallStep {
    create_node,
    update,            // put the new driver on every present node
    restart_nodes,     // those that kept their old driver, or do not answer
    replace_packages,  // take ours out of the store, then update again
    ask,               // whether the protocol answers
    finished,
    kept_old,  // whatever was tried, the old driver runs on
    no_answer,
};

struct InstallProgress {
    bool created = false;
    unsigned updates = 0;
    bool restarted = false;        // since the last update
    bool restart_pending = false;  // the system said so of the last update or restart
    enum class Asked { not_yet, answered, silent } asked = Asked::not_yet;  // since the last step
};

// Only present nodes count. `version`: of the package that is to be installed.
InstallStep next_step(const DriverInventory& seen, std::string_view version,
                      const InstallProgress& done);

// Every present node has that version, there is one, and the store has the package.
bool up_to_date(const DriverInventory& seen, std::string_view version);

// Of the present nodes, those to restart: the ones with another driver or none that is started;
// where all look well, all.
std::vector<std::string> nodes_to_restart(const std::vector<DriverNode>& nodes,
                                          std::string_view version);

}  // namespace pf::os
