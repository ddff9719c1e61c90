// What a node is to be from its start on: the values of its registry key,
// HKLM\SYSTEM\CurrentControlSet\Enum\<instance id>\Device Parameters. One that is absent or
// senseless is as below. Read each time that the node starts.
#pragma once

#include <cstdint>
#include <string>

#include <pf/proto/version.hpp>

#include "pattern/pattern_options.hpp"

namespace pf::driver {

struct NodeSettings {
    std::uint32_t protocol_version = proto::kProtocolVersion;  // REG_DWORD "Protocol"
    bool hidden = false;      // REG_DWORD "Hidden": the interface is not enabled
    bool hold_opens = false;  // REG_DWORD "HoldOpens": see wdmsim::kSetHoldOpens
    PatternOptions pattern;   // REG_SZ "Pattern", "Format": as the Linux driver's options
    std::string log_file;     // REG_SZ "Log", UTF-8 here; empty: none. The process's first counts
};

NodeSettings read_node_settings(const std::string& instance_id);

}  // namespace pf::driver
