// What an instance notes about the X server that it started, so that the next driver of the same
// instance finds it again: `key=value` lines in the file "xserver" of its state directory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pf/os/process.hpp>

namespace pf::hostproc {

struct XorgRecord {
    os::ProcessIdentity process;
    std::string display;              // ":7"
    std::string xauthority;           // path of the cookie's file
    std::string log;                  // path
    os::ProcessIdentity driver = {};  // who has it, living or not; all zero: nobody yet
    os::ProcessIdentity keeper = {};  // who ends it when nobody adopts it; all zero: nobody

    std::string encode() const;
    // nullopt: not a record. Unknown keys are passed over.
    static std::optional<XorgRecord> decode(std::string_view text);
};

}  // namespace pf::hostproc
