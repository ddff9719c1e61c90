// The secret that lets a program talk to an X server, and the file (Xauthority format: big-endian
// 16-bit lengths, see libXau's AuWrite.c) in which server and programs find it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pf/os/result.hpp>

namespace pf::driver {

inline constexpr std::string_view kXorgCookieName = "MIT-MAGIC-COOKIE-1";

struct XorgCookie {
    std::string bytes;
    friend bool operator==(const XorgCookie&, const XorgCookie&) = default;

    static os::Result<XorgCookie> generate();  // 16 random bytes
};

// One entry, for any host name. `number` is the display's number; empty: whichever it will be.
std::string encode_authority(const std::string& number, const XorgCookie& cookie);

// The first cookie for display `number` on this host, as libXau's XauGetBestAuthByAddr chooses for
// a local connection: of the family of any host, or of the local one with this host's name; for
// this number or for any. A malformed file ends at its fault.
std::optional<XorgCookie> find_cookie(std::string_view file, std::string_view number,
                                      std::string_view host_name);

// Where the user's programs look (libXau's XauFileName): XAUTHORITY, else ~/.Xauthority.
std::string users_authority_path();

// The cookie that the user's programs would use. Theirs may be another user's file that we may
// read, one behind links, or a pipe.
std::optional<XorgCookie> users_cookie(std::string_view number);

}  // namespace pf::driver
