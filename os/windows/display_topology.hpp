// The screens by the system's calls, or by a test's. Internal to os/windows.
#pragma once

#include <pf/os/display_topology.hpp>

#include "display_calls.hpp"
#include "display_config.hpp"

namespace pf::os {

class WindowsDisplays final : public DisplaySystem {
public:
    explicit WindowsDisplays(const DisplayCalls& calls = {}) : calls_(calls) {}

    Result<DisplayPaths> query(DisplayScope scope) override;
    Result<void> apply(const DisplayPaths& paths) override;
    Result<void> extend() override;
    Result<void> wake() override;

private:
    Result<DisplayConfig> query_config(UINT32 flags);
    LONG try_query(UINT32 flags, DisplayConfig& config) const;
    Result<void> set(DisplayConfig config, UINT32 flags, const char* operation);
    void add_names(DisplayPaths& paths) const;
    std::string source_name(const DisplayEnd& source) const;
    std::string monitor_path(const DisplayEnd& target) const;

    DisplayCalls calls_;
};

}  // namespace pf::os
