// What the driver tells people about itself in the list of instances. Best effort: no line there
// is a reason to fail. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <pf/os/instance_directory.hpp>

namespace pf::driver {

class InstanceNotes {
public:
    // `directory` outlives this; nobody else writes its state meanwhile.
    InstanceNotes(os::InstanceDirectory& directory, std::uint32_t protocol)
        : directory_(directory), protocol_(protocol) {}

    void monitors(std::vector<std::string> lines);
    void display(const std::string& display, const std::string& xauthority);
    // Until active(): what the driver's start waits for.
    void waiting(const std::string& why);
    // It serves; `why` not everything at the moment, one line, empty: it does.
    os::Result<void> active(const std::string& why = {});

private:
    std::mutex mutex_;
    os::InstanceDirectory& directory_;
    std::uint32_t protocol_;
};

}  // namespace pf::driver
