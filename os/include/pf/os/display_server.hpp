// What an instance notes of the X server that it started, so that the next driver of the same
// instance finds it again, and whoever supervises drivers can end one that was left: `key=value`
// lines in the file "xserver" of the instance's directory. Linux only in use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pf/os/process.hpp>

namespace pf::os {

struct DisplayServer {
    ProcessIdentity process;
    std::string display;          // ":7"
    std::string xauthority;       // path of the cookie's file
    std::string log;              // path
    ProcessIdentity driver = {};  // who has it, living or not; all zero: nobody yet
    ProcessIdentity keeper = {};  // who ends it when nobody adopts it; all zero: nobody

    std::string encode() const;
    // nullopt: not a record. Unknown keys are passed over.
    static std::optional<DisplayServer> decode(std::string_view text);
};

inline constexpr const char* kDisplayServerFile = "xserver";

// As the directory of an instance has it; nullopt: none, or none that names a display.
std::optional<DisplayServer> noted_display_server(const std::string& instance_directory);

// That server, if it still runs; else empty.
Process open_display_server(const std::string& instance_directory);

}  // namespace pf::os
