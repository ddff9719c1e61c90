// Paths for tests of the decisions.
#pragma once

#include <string>

#include "topology/procedure.hpp"

namespace pf::host::test {

inline constexpr std::uint64_t kGpu = 1, kVirtual = 2;
inline constexpr DisplayEnd kPanel{kGpu, 100}, kBeamer{kGpu, 101}, kOurs{kVirtual, 256};

inline DisplayPath connected(const DisplayEnd& target, std::uint32_t source = 0) {
    DisplayPath path;
    path.source = {target.adapter, source};
    path.target = target;
    path.available = true;
    path.technology = target.adapter == kVirtual ? os::kTechnologyIndirectVirtual : 5;
    path.monitor = "m" + std::to_string(target.id);
    return path;
}

inline DisplayPath lit(const DisplayEnd& target, std::int32_t x, std::uint32_t source = 0,
                       std::uint32_t width = 1920, std::uint32_t height = 1080) {
    DisplayPath path = connected(target, source);
    path.active = true;
    path.name = "D" + std::to_string(source);
    path.source_mode = {width, height, 4, x, 0};
    path.refresh = {60, 1};
    return path;
}

inline const Screen kPanelScreen{kPanel, "m100"}, kBeamerScreen{kBeamer, "m101"};

}  // namespace pf::host::test
