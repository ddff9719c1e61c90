#include <pf/core/mode_list.hpp>

#include <algorithm>

namespace pf::core {

ModeList::ModeList(const Mode& preferred) {
    constexpr Mode kAlwaysOffered[] = {{1920, 1080, 60}, {1920, 1080, 120}, {1280, 720, 60}};
    modes_[count_++] = preferred;
    for (const Mode& mode : kAlwaysOffered) {
        if (mode != preferred) {
            modes_[count_++] = mode;
        }
    }
}

void ModeList::prefer(const Mode& mode) {
    const auto end = modes_.begin() + static_cast<std::ptrdiff_t>(count_);
    auto slot = std::find(modes_.begin(), end, mode);
    if (slot == end) {
        if (count_ < kMaxModes) {
            ++count_;
        } else {
            --slot;
        }
        *slot = mode;
    }
    std::rotate(modes_.begin(), slot, slot + 1);
}

}  // namespace pf::core
