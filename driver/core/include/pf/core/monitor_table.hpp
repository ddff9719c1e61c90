// The monitors that exist: their ids, sessions and owners, and the ids and connectors of those that
// are leaving. Owned by the Dispatcher, one thread at a time. At most one monitor an id and one
// that leaves it, so at most 15 of each; nothing is allocated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pf/core/adapter.hpp>
#include <pf/core/request.hpp>

namespace pf::core {

struct Monitor {
    enum class Phase {
        waiting,   // for its id, which another one leaves
        plugging,  // the shell is at it
        there,
    };
    // An UpdateModes on its way.
    struct Change {
        RequestId request;
        Mode mode;
    };
    // The Add on its way.
    struct Arrival {
        RequestId request;
        std::size_t output_capacity;
    };

    Owner owner = kNobody;
    std::uint64_t session_id = 0;  // the owner's name for it; two owners may use the same
    MonitorNumber number = 0;
    std::uint32_t target_id = 0;   // the system's name, once it is there
    std::uint32_t monitor_id = 0;  // 1..15
    std::uint32_t connector = 0;   // 0..14, from plugging on
    Phase phase = Phase::waiting;
    ModeList modes;
    Luminance luminance = {};
    bool hw_cursor = false;    // a cursor channel may be delivered
    bool cursor_live = false;  // and was
    std::int64_t added_ns = 0;
    std::int64_t heard_ns = 0;               // its owner's last operation, or the end of one
    std::optional<Arrival> arrival = {};     // until it is there
    std::optional<Change> change = {};       // the shell is at it
    std::optional<Change> next_change = {};  // waits for the arrival or the change before it
};

class MonitorTable {
public:
    // For a new monitor: `preferred` if it is an id and nobody has it, else the lowest that is free
    // and that nobody leaves, else the lowest free one; nullopt when all are taken.
    std::optional<std::uint32_t> free_id(std::uint32_t preferred) const;
    // Lowest that nobody has and nobody leaves. There is one as long as no id is plugged twice.
    std::uint32_t free_connector() const;

    // `monitor.monitor_id` is free. The pointer holds until that monitor is erased or leaves.
    Monitor* insert(const Monitor& monitor);
    void erase(std::uint32_t monitor_id);
    // It answers to nobody from now on; id and connector stay taken until gone(). One that was
    // never plugged has nothing to leave and is only erased.
    void leave(std::uint32_t monitor_id);
    // The id that the number left, which is free now; nullopt: no such one leaves.
    std::optional<std::uint32_t> gone(MonitorNumber number);
    bool is_being_left(std::uint32_t monitor_id) const;

    // Only what `owner` added; null when there is none.
    Monitor* find_session(Owner owner, std::uint64_t session_id);
    // Of those that are there.
    Monitor* find_target(Owner owner, std::uint32_t target_id);
    // Null also when it leaves.
    Monitor* find_number(MonitorNumber number);

    // `owner` gave a sign of life.
    void heard(Owner owner, std::int64_t now_ns);
    // A request of `owner` is not answered yet.
    bool waits(Owner owner) const;

    // Null when the id is free or out of range; a monitor that leaves is not there.
    const Monitor* at(std::uint32_t monitor_id) const;
    Monitor* at(std::uint32_t monitor_id);
    std::size_t size() const;
    // How many are leaving.
    std::size_t leaving() const;

private:
    struct Leaving {
        MonitorNumber number;
        std::uint32_t connector;
    };
    static constexpr std::size_t kIds = proto::kMonitorIdLast + 1;

    template <typename Matches>
    Monitor* find(Matches matches);

    std::array<std::optional<Monitor>, kIds> monitors_;  // by id; 0 unused
    std::array<std::optional<Leaving>, kIds> leaving_;   // by id
};

}  // namespace pf::core
