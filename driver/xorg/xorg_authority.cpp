#include "xorg_authority.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "xorg_private_file.hpp"

namespace pf::driver {
namespace {

constexpr std::uint16_t kFamilyLocal = 256;   // X11/Xauth.h
constexpr std::uint16_t kFamilyWild = 65535;  // X11/Xauth.h
constexpr std::size_t kMostFileBytes = 1 << 20;
constexpr std::size_t kCookieBytes = 16;

void put_number(std::string& out, std::size_t value) {
    out.push_back(static_cast<char>(value >> 8 & 0xFF));
    out.push_back(static_cast<char>(value & 0xFF));
}

void put_counted(std::string& out, std::string_view bytes) {
    put_number(out, bytes.size());
    out.append(bytes);
}

std::optional<std::uint16_t> take_number(std::string_view& in) {
    if (in.size() < 2) {
        return std::nullopt;
    }
    const auto high = static_cast<unsigned char>(in[0]);
    const auto low = static_cast<unsigned char>(in[1]);
    in.remove_prefix(2);
    return static_cast<std::uint16_t>(high << 8 | low);
}

std::optional<std::string_view> take_counted(std::string_view& in) {
    const auto length = take_number(in);
    if (!length || in.size() < *length) {
        return std::nullopt;
    }
    const std::string_view bytes = in.substr(0, *length);
    in.remove_prefix(*length);
    return bytes;
}

}  // namespace

os::Result<XorgCookie> XorgCookie::generate() {
    XorgCookie cookie{std::string(kCookieBytes, '\0')};
    const ssize_t got = ::getrandom(cookie.bytes.data(), cookie.bytes.size(), 0);
    if (got != static_cast<ssize_t>(cookie.bytes.size())) {
        return os::fail_last("make X cookie", "no random bytes");
    }
    return cookie;
}

std::string encode_authority(const std::string& number, const XorgCookie& cookie) {
    std::string out;
    put_number(out, kFamilyWild);
    put_counted(out, "");
    put_counted(out, number);
    put_counted(out, kXorgCookieName);
    put_counted(out, cookie.bytes);
    return out;
}

std::optional<XorgCookie> find_cookie(std::string_view file, std::string_view number,
                                      std::string_view host_name) {
    while (const auto family = take_number(file)) {
        const auto address = take_counted(file);
        const auto display = take_counted(file);
        const auto name = take_counted(file);
        const auto data = take_counted(file);
        if (!address || !display || !name || !data) {
            return std::nullopt;
        }
        const bool here =
            *family == kFamilyWild || (*family == kFamilyLocal && *address == host_name);
        if (here && (display->empty() || *display == number) && *name == kXorgCookieName) {
            return XorgCookie{std::string(*data)};
        }
    }
    return std::nullopt;
}

std::string users_authority_path() {
    const char* named = std::getenv("XAUTHORITY");
    const char* home = std::getenv("HOME");
    return named != nullptr ? named : std::string(home != nullptr ? home : "") + "/.Xauthority";
}

std::optional<XorgCookie> users_cookie(std::string_view number) {
    char host[256] = {};
    const auto file = read_users_file(users_authority_path(), kMostFileBytes);
    if (!file || ::gethostname(host, sizeof host - 1) != 0) {
        return std::nullopt;
    }
    return find_cookie(*file, number, host);
}

}  // namespace pf::driver
