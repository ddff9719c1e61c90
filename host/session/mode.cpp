#include <pf/host/mode.hpp>

#include <charconv>

#include <pf/proto/exact_rate.hpp>
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

// What follows a decimal point, in thousandths: one to three digits. nullopt: it does not.
std::optional<std::uint32_t> take_thousandths(std::string_view& text) {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
        if (++digits > 3) {
            return std::nullopt;
        }
    }
    if (digits == 0) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    for (; digits < 3; ++digits) {
        value *= 10;
    }
    return value;
}

// "60", "59.94".
std::optional<std::uint32_t> take_millihertz(std::string_view& text) {
    const auto hz = take_number(text);
    if (!hz || *hz > proto::kMaxRefreshHz) {
        return std::nullopt;
    }
    const auto rest = take_any(text, ".") ? take_thousandths(text) : 0;
    return rest ? std::optional(*hz * 1000 + *rest) : std::nullopt;
}

}  // namespace

bool valid(const Mode& mode) {
    return proto::valid_mode(mode.width, mode.height, mode.refresh_hz) &&
           proto::valid_exact_rate(mode.refresh_hz, mode.millihertz());
}

std::optional<Mode> parse_mode(std::string_view text) {
    const auto width = take_number(text);
    const bool cross = take_any(text, "xX");
    const auto height = take_number(text);
    const bool at = take_any(text, "@");
    const auto millihertz = take_millihertz(text);
    if (!width || !cross || !height || !at || !millihertz || !text.empty()) {
        return std::nullopt;
    }
    const Mode mode = Mode::exact(*width, *height, *millihertz);
    return valid(mode) ? std::optional(mode) : std::nullopt;
}

std::string to_string(const Mode& mode) {
    std::string rate = std::to_string(mode.millihertz() / 1000);
    if (const std::uint32_t rest = mode.millihertz() % 1000; rest != 0) {
        rate += "." + std::to_string(1000 + rest).substr(1);
        rate.resize(rate.find_last_not_of('0') + 1);
    }
    return std::to_string(mode.width) + "x" + std::to_string(mode.height) + "@" + rate;
}

}  // namespace pf::host
