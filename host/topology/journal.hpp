// What has to be lit again, as it lies on the disk while a screen may be dark by our doing. Who is
// to be lit is all that it says: an arrangement's numbers would be stale at the next start.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topology/snapshot.hpp"

namespace pf::host {

inline constexpr std::size_t kMostJournalScreens = 64;
inline constexpr std::size_t kMostMonitorBytes = 512;  // 128 UTF-16 units (wingdi.h) in UTF-8
inline constexpr std::size_t kMostJournalBytes = std::size_t{48} * 1024;

// Screens beyond the most are left out, and so is the name of a monitor that is too long or holds
// anything but printable characters.
std::string write_journal(const std::vector<Screen>& screens);
// nullopt: not a whole journal of this version, whoever wrote it.
std::optional<std::vector<Screen>> read_journal(std::string_view text);

}  // namespace pf::host
