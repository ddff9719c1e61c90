#include <pf/host/mode.hpp>

#include <charconv>

#include <pf/proto/validate.hpp>

namespace pf::host {
namespace {

// Takes a decimal number off the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take_any(std::string_view& text, std::string_view characters) {
    if (text.empty() || characters.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<Mode> parse_mode(std::string_view text) {
    const auto width = take_number(text);
    const bool cross = take_any(text, "xX");
    const auto height = take_number(text);
    const bool at = take_any(text, "@");
    const auto refresh_hz = take_number(text);
    if (!width || !cross || !height || !at || !refresh_hz || !text.empty() ||
        !proto::valid_mode(*width, *height, *refresh_hz)) {
        return std::nullopt;
    }
    return Mode{*width, *height, *refresh_hz};
}

std::string to_string(const Mode& mode) {
    return std::to_string(mode.width) + "x" + std::to_string(mode.height) + "@" +
           std::to_string(mode.refresh_hz);
}

}  // namespace pf::host
