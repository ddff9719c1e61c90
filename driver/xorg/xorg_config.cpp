#include "xorg_config.hpp"

#include <fmt/format.h>

namespace pf::driver {

std::string xorg_config(std::uint32_t video_ram_kib) {
    return fmt::format(R"(Section "ServerFlags"
    Option "AutoAddDevices" "false"
    Option "AutoEnableDevices" "false"
    Option "AutoAddGPU" "false"
    Option "DontVTSwitch" "true"
    Option "AllowMouseOpenFail" "true"
    Option "BlankTime" "0"
    Option "StandbyTime" "0"
    Option "SuspendTime" "0"
    Option "OffTime" "0"
EndSection
Section "ServerLayout"
    Identifier "virtual"
    Screen "virtual"
EndSection
Section "Device"
    Identifier "virtual"
    Driver "dummy"
    VideoRam {}
EndSection
Section "Monitor"
    Identifier "virtual"
    HorizSync 1.0 - 10000.0
    VertRefresh 1.0 - 1000.0
EndSection
Section "Screen"
    Identifier "virtual"
    Device "virtual"
    Monitor "virtual"
    DefaultDepth 24
    SubSection "Display"
        Depth 24
        Modes "1024x768"
    EndSubSection
EndSection
)",
                       video_ram_kib);
}

}  // namespace pf::driver
