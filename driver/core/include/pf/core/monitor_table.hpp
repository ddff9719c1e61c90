// The monitors that exist: their ids, sessions and owners. Owned by the Dispatcher, one thread at a
// time. At most one monitor an id, so at most 15; nothing is allocated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pf/core/mode_list.hpp>
#include <pf/core/owner.hpp>
#include <pf/proto/control.hpp>

namespace pf::core {

struct Monitor {
    Owner owner;
    std::uint64_t session_id;  // the owner's name for it; two owners may use the same
    std::uint32_t target_id;
    std::uint32_t monitor_id;  // 1..15
    ModeList modes;
    bool hw_cursor;    // a cursor channel may be delivered
    bool cursor_live;  // and was
    std::int64_t added_ns;
    std::int64_t heard_ns;  // its owner's last operation
};

class MonitorTable {
public:
    // `preferred` if it is an id and free, else the lowest free id; nullopt when all are taken.
    std::optional<std::uint32_t> free_id(std::uint32_t preferred) const;

    // `monitor.monitor_id` is free. The pointer holds until that monitor is erased.
    Monitor* insert(const Monitor& monitor);
    void erase(std::uint32_t monitor_id);

    // Only what `owner` added; null when there is none.
    Monitor* find_session(Owner owner, std::uint64_t session_id);
    Monitor* find_target(Owner owner, std::uint32_t target_id);

    // `owner` gave a sign of life.
    void heard(Owner owner, std::int64_t now_ns);

    // Null when the id is free or out of range.
    const Monitor* at(std::uint32_t monitor_id) const;
    std::size_t size() const;

private:
    std::array<std::optional<Monitor>, proto::kMonitorIdLast + 1> monitors_;  // by id; 0 unused
};

}  // namespace pf::core
