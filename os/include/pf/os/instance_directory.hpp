// The driver process's side of the list of instances: a directory that it owns while it lives and
// that says how it ended. Owned by the driver's main thread; not thread-safe.
//
// Linux: runtime_directory()/NAME, mode 0700, holds `control` (the listening socket), `state`
// (key=value lines, replaced whole) and `lock` (locked by the living driver, so that a killed one
// is told from a running one). Linux only in use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pf/os/device_channel.hpp>

namespace pf::os {

// Linux: 1 to 64 of [A-Za-z0-9._-], not starting with a dot. Windows: a device instance id, of up
// to 200 characters (MAX_DEVICE_ID_LEN of cfgmgr32.h).
bool valid_instance_name(std::string_view name);
std::string_view instance_name_rule();  // that, for people: "an instance is named by ..."

class InstanceDirectory {
public:
    InstanceDirectory() = default;
    InstanceDirectory(InstanceDirectory&&) noexcept = default;
    InstanceDirectory& operator=(InstanceDirectory&&) = delete;
    // An orderly end: removes the socket and leaves `stopped`, unless `failed` was set.
    ~InstanceDirectory();

    // Makes the directory if need be and takes its lock. Reject: a bad name, a directory that is
    // not private, or another driver that lives there.
    static Result<InstanceDirectory> acquire(const std::string& name);

    // Listens on the instance's control socket. Call it before set_state(active).
    Result<Handle> listen() const;

    // What list_instances() tells from now on. `reason` is one line for people; control characters
    // are replaced. `stale` is not a state that a driver can set (bug).
    Result<void> set_state(InstanceState state, std::string_view reason, std::uint32_t protocol);

    // What list_instances() tells of the monitors from now on: one line for people each, in any
    // order; at most 16 are kept. No-op before the first set_state().
    Result<void> set_monitors(std::vector<std::string> monitors);

    // The X display of the instance's monitors from now on, as Instance tells it. Written with the
    // next set_state() if there was none yet.
    Result<void> set_display(std::string display, std::string xauthority);

    const std::string& name() const { return name_; }
    // Absolute; the driver may keep other files of the instance here.
    const std::string& path() const { return path_; }

private:
    std::string name_;
    std::string path_;
    Handle directory_;
    Handle lock_;
    InstanceState state_ = InstanceState::active;
    std::uint32_t protocol_ = 0;
    std::string reason_;
    std::vector<std::string> monitors_;
    std::string display_;
    std::string xauthority_;
    bool state_written_ = false;
};

}  // namespace pf::os
