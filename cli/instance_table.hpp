// The list of instances as people read it. Pure.
#pragma once

#include <string>
#include <vector>

#include <pf/host/discovery.hpp>

namespace pf::cli {

// Why it is not usable; empty when it is.
const std::string& reason_of(const host::InstanceReport& report);

// One line an instance under a headline, and one more that says how to start a program on its
// X screen if it has one; without any, what to do. `directory`: where it looked.
std::string to_text(const std::vector<host::InstanceReport>& reports, const std::string& directory);

}  // namespace pf::cli
