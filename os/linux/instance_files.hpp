// The files of an instance's directory. Internal to os/linux.
#pragma once

#include <optional>
#include <string>

#include <pf/os/handle.hpp>

#include "instance_record.hpp"

namespace pf::os {

inline constexpr const char* kControlFile = "control";
inline constexpr const char* kStateFile = "state";
inline constexpr const char* kLockFile = "lock";

std::string instance_path(const std::string& name);

// nullopt: absent, no ordinary file, too long, or not understood.
std::optional<InstanceRecord> read_record(const Handle& directory);

}  // namespace pf::os
