#include "footprint_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pf::chaos {

os::Footprint most(const os::Footprint& a, const os::Footprint& b) {
    return {std::max(a.descriptors, b.descriptors), std::max(a.shared_mappings, b.shared_mappings),
            std::max(a.resident_bytes, b.resident_bytes)};
}

std::string FootprintWatch::look(const std::string& key, const os::Footprint& now) {
    const auto [entry, is_first] = first_.try_emplace(key, now);
    const os::Footprint& first = entry->second;
    if (now.descriptors <= first.descriptors && now.shared_mappings <= first.shared_mappings) {
        return {};
    }
    return fmt::format("{} holds {} descriptors and {} mappings, {} and {} before", key,
                       now.descriptors, now.shared_mappings, first.descriptors,
                       first.shared_mappings);
}

}  // namespace pf::chaos
