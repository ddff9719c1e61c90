// The configuration file of an Xorg server with virtual outputs and nothing of the machine's own:
// no input devices, no GPU, no virtual terminal, no blanking. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace pf::driver {

// KiB. The dummy driver keeps the size in an int of bytes; pages that no monitor shows are never
// touched, so they cost address space only.
inline constexpr std::uint32_t kXorgMostVideoRam = 2'097'088;

std::string xorg_config(std::uint32_t video_ram_kib);

}  // namespace pf::driver
