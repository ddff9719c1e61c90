// What the text of an INF file says, as far as an installer has to know. Pure; any bytes may come.
// Internal to os/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pf::os {

inline constexpr std::size_t kMaxInfBytes = 1u << 20;

// UTF-16LE with its mark, UTF-8 with or without one, or an ANSI code page: as bytes of which the
// ASCII ones are right. Units beyond ASCII in UTF-16 become '?'.
std::string decode_inf(std::string_view bytes);

// Whether it stands there as a word of its own and not in a comment; letters of either case.
// `text` as decode_inf() returns it.
bool names_hardware_id(std::string_view text, std::string_view hardware_id);

// The four numbers of DriverVer in [Version], missing ones as 0: "0.1.0.0"; empty: it has none.
std::string driver_version(std::string_view text);

}  // namespace pf::os
