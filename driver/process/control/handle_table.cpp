#include "handle_table.hpp"

#include <random>

namespace pf::driver {

std::uint64_t HandleTable::random_base() {
    std::random_device entropy;
    // Half of the range is left to count in, so the count never reaches 0.
    const std::uint64_t base = std::uint64_t{entropy()} << 31 ^ entropy();
    return (base & 0x7FFF'FFFF'FFFF'FFFF) | 0x1'0000'0000;
}

std::optional<std::uint64_t> HandleTable::give(core::Owner owner, os::Handle handle,
                                               std::uint64_t connection) {
    const auto found = owners_.find(owner);
    if (found != owners_.end() && found->second.size() >= limit_per_owner_) {
        return std::nullopt;
    }
    const std::uint64_t value = next_value_++;
    owners_[owner].emplace(value, Entry{std::move(handle), connection});
    return value;
}

bool HandleTable::knows(core::Owner owner, std::uint64_t value) const {
    const auto found = owners_.find(owner);
    return found != owners_.end() && found->second.contains(value);
}

os::Handle HandleTable::take(core::Owner owner, std::uint64_t value) {
    const auto found = owners_.find(owner);
    if (found == owners_.end()) {
        return {};
    }
    const auto entry = found->second.find(value);
    if (entry == found->second.end()) {
        return {};
    }
    os::Handle handle = std::move(entry->second.handle);
    found->second.erase(entry);
    if (found->second.empty()) {
        owners_.erase(found);
    }
    return handle;
}

void HandleTable::drop_connection(core::Owner owner, std::uint64_t connection) {
    const auto found = owners_.find(owner);
    if (found == owners_.end()) {
        return;
    }
    std::erase_if(found->second,
                  [&](const auto& value) { return value.second.connection == connection; });
    if (found->second.empty()) {
        owners_.erase(found);
    }
}

std::size_t HandleTable::size() const {
    std::size_t count = 0;
    for (const auto& [owner, values] : owners_) {
        count += values.size();
    }
    return count;
}

}  // namespace pf::driver
