// Makes, starts and removes nodes of the test driver, for tests; throws what the system refused.
#pragma once

#include <cstdint>
#include <string>

namespace pf::wdmsim {

// `count` new nodes, and the driver of the INF (a path of Windows) for all. Returns how many nodes
// of ours there are; whether they started, the list of interfaces tells.
std::uint32_t install(const std::string& inf, std::uint32_t count);
// A node without a driver that has an interface registered. Returns how many nodes there are.
std::uint32_t make_phantom();
// Every node of ours, and the service. Returns how many nodes there were.
std::uint32_t remove_all();
// False: it runs already, or the service manager has not noticed yet that it died.
bool start_service();

}  // namespace pf::wdmsim
