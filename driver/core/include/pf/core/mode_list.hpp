// The modes a monitor offers, preferred first: the requested one, then 1920x1080@60,
// 1920x1080@120, 1280x720@60, no duplicates, at most kMaxModes.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <pf/core/mode.hpp>

namespace pf::core {

class ModeList {
public:
    static constexpr std::size_t kMaxModes = 12;

    explicit ModeList(const Mode& preferred);

    // Puts `mode` first and keeps the earlier ones; the last falls out when the list is full.
    void prefer(const Mode& mode);

    const Mode& preferred() const { return modes_[0]; }
    std::span<const Mode> modes() const { return {modes_.data(), count_}; }

private:
    std::array<Mode, kMaxModes> modes_{};
    std::size_t count_ = 0;
};

}  // namespace pf::core
