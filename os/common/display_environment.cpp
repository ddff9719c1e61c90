#include <pf/os/device_channel.hpp>

namespace pf::os {

std::string display_environment(std::string_view display, std::string_view xauthority) {
    std::string text = "DISPLAY=" + std::string(display);
    if (xauthority.empty()) {
        return text;
    }
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+:@%,-";
    text += " XAUTHORITY=";
    if (xauthority.find_first_not_of(kPlain) == std::string_view::npos) {
        return text += xauthority;
    }
    text += '\'';
    for (const char c : xauthority) {
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return text += '\'';
}

}  // namespace pf::os
