#include "x11_error.hpp"

#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace pf::driver {
namespace {

constexpr const char* kCore[] = {
    "Success",   "BadRequest", "BadValue",    "BadWindow",   "BadPixmap", "BadAtom",
    "BadCursor", "BadFont",    "BadMatch",    "BadDrawable", "BadAccess", "BadAlloc",
    "BadColor",  "BadGC",      "BadIDChoice", "BadName",     "BadLength", "BadImplementation"};
constexpr const char* kRandr[] = {"BadRROutput", "BadRRCrtc", "BadRRMode", "BadRRProvider",
                                  "BadRRLease"};
constexpr const char* kDamage[] = {"BadDamage"};
constexpr const char* kFixes[] = {"BadRegion", "BadPointerBarrier"};
constexpr const char* kShm[] = {"BadShmSeg"};
constexpr const char* kInput[] = {"BadDevice", "BadEvent", "BadMode", "DeviceBusy", "BadClass"};
constexpr const char* kStatus[] = {"Success", "InvalidConfigTime", "InvalidTime", "Failed"};

template <std::size_t N>
const char* name_from(const char* const (&names)[N], std::uint32_t code, std::uint32_t base) {
    const bool its_own = code >= base && code - base < N;
    return its_own ? names[code - base] : nullptr;
}

template <std::size_t N>
const char* extension_name(const char* const (&names)[N], std::uint8_t code, std::uint8_t base) {
    return base != 0 ? name_from(names, code, base) : nullptr;
}

std::string numbered(const char* name, const char* kind, std::uint32_t code) {
    return name != nullptr ? fmt::format("{} ({})", name, code) : fmt::format("{} {}", kind, code);
}

}  // namespace

std::string x11_error_name(std::uint8_t code, const X11ErrorBases& bases) {
    const char* name = name_from(kCore, code, 0);
    for (const char* found :
         {extension_name(kRandr, code, bases.randr), extension_name(kDamage, code, bases.damage),
          extension_name(kFixes, code, bases.fixes), extension_name(kShm, code, bases.shm),
          extension_name(kInput, code, bases.input)}) {
        name = name != nullptr ? name : found;
    }
    return numbered(name, "error", code);
}

std::string randr_status_name(std::uint8_t status) {
    return numbered(name_from(kStatus, status, 0), "status", status);
}

}  // namespace pf::driver
