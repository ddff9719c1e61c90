// What the sessions of one host process share: the connection to the driver, and the monitors, one
// for each client id. Sessions of the same client show one monitor and share its frames without
// copying. Thread-safe; sessions keep it alive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <pf/host/session.hpp>
#include <pf/os/clock.hpp>

namespace pf::host {

struct DisplaysOptions {
    std::string instance;                       // empty: the first that opens and shakes hands
    std::int64_t linger_ns = 10 * os::kSecond;  // a monitor stays so long after its last session;
                                                // at least 0
    std::string driver_image = {};              // see os::DeviceChannel::open()
    bool restart_device = false;                // see SessionOptions
};

enum class DisplayState { active, lingering, pinned };
std::string_view to_string(DisplayState state);

struct DisplayStatus {
    std::uint32_t client_id = 0;   // 0: anonymous
    std::uint32_t monitor_id = 0;  // 1..15
    std::uint32_t sessions = 0;
    DisplayState state = DisplayState::active;
    bool pinned = false;
    Mode mode;
};

class Displays {
public:
    static os::Result<std::shared_ptr<Displays>> open(const DisplaysOptions& options);
    virtual ~Displays() = default;

    // `options.instance` is not looked at. A client's monitor that is there is joined; one in
    // another mode changes to the mode of the newest session, and the others get rebuilt.
    virtual os::Result<std::unique_ptr<Session>> open_session(const SessionOptions& options) = 0;

    // A pinned monitor stays without sessions, and comes back with its driver. False: that client
    // has no monitor now.
    virtual bool pin(std::uint32_t client_id, bool pinned) = 0;

    virtual std::vector<DisplayStatus> status() const = 0;
};

}  // namespace pf::host
