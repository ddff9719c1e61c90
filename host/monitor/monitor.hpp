// A monitor as somebody asked for it and as the driver made it.
#pragma once

#include <cstdint>
#include <memory>

#include <pf/host/color.hpp>
#include <pf/host/mode.hpp>

#include "device/driver_connection.hpp"

namespace pf::host {

struct MonitorRequest {
    Mode mode;
    std::uint32_t client_id = 0;  // 1..15: one monitor each, also the id asked for; 0: anonymous
    bool hw_cursor = false;
    std::uint32_t max_nits = 0, max_frame_avg_nits = 0, min_millinits = 0;
};

inline bool same_picture(const MonitorRequest& a, const MonitorRequest& b) {
    return a.hw_cursor == b.hw_cursor && a.max_nits == b.max_nits &&
           a.max_frame_avg_nits == b.max_frame_avg_nits && a.min_millinits == b.min_millinits;
}

struct Monitor {
    std::shared_ptr<DriverConnection> connection;  // null: the monitor does not count any more
    std::uint64_t session_id = 0;                  // our name for it
    std::uint64_t adapter = 0;                     // LUID: high part << 32 | low part
    std::uint32_t target_id = 0;                   // of the adapter's
    std::uint32_t monitor_id = 0;
    bool cursor_excluded = false;  // frames come without the pointer
    Mode mode;
    LightLevels light;              // that it was asked for with
    std::uint64_t incarnation = 0;  // differs for every Add of this process
    std::shared_ptr<DriverConnection> added_through =
        {};  // as `connection`, and stays when that goes
};

}  // namespace pf::host
