// The secret that lets a program talk to an X server, and the file (Xauthority format: big-endian
// 16-bit lengths, see libXau's AuWrite.c) in which server and programs find it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <pf/os/result.hpp>

namespace pf::hostproc {

inline constexpr std::string_view kXorgCookieName = "MIT-MAGIC-COOKIE-1";

struct XorgCookie {
    std::array<char, 16> bytes{};
    friend bool operator==(const XorgCookie&, const XorgCookie&) = default;

    static os::Result<XorgCookie> generate();
};

// One entry, for any host name. `number` is the display's number; empty: whichever it will be.
std::string encode_authority(const std::string& number, const XorgCookie& cookie);

// The first cookie for display `number` on this host. A malformed file ends at its fault.
std::optional<XorgCookie> find_cookie(std::string_view file, std::string_view number,
                                      std::string_view host_name);

// The cookie that the user's programs would use (XAUTHORITY, else ~/.Xauthority).
std::optional<XorgCookie> users_cookie(std::string_view number);

}  // namespace pf::hostproc
