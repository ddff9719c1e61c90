#include "topology/journal.hpp"

#include <algorithm>
#include <charconv>

namespace pf::host {

namespace {

constexpr std::string_view kHead = "pf-vdisplay screens 1\n";
constexpr std::string_view kScreen = "screen ";
constexpr std::string_view kEnd = "end ";

bool is_fit(std::string_view monitor) {
    return monitor.size() <= kMostMonitorBytes && std::ranges::all_of(monitor, [](char c) {
               return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
           });
}

// Takes what stands before `mark`, and the mark; nullopt: there is none.
std::optional<std::string_view> take_until(std::string_view& text, char mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at + 1);
    return taken;
}

bool take(std::string_view& text, std::string_view expected) {
    const bool there = text.starts_with(expected);
    text.remove_prefix(there ? expected.size() : 0);
    return there;
}

// Decimal, all of it, without a sign.
template <class Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

std::optional<Screen> parse_screen(std::string_view line) {
    Screen screen;
    const auto adapter = take_until(line, ' ');
    const auto id = take_until(line, ' ');
    if (!adapter || !id || !parse(*adapter, screen.target.adapter) ||
        !parse(*id, screen.target.id) || !is_fit(line)) {
        return std::nullopt;
    }
    screen.monitor = line;
    return screen;
}

}  // namespace

std::string write_journal(const std::vector<Screen>& screens) {
    const std::size_t count = std::min(screens.size(), kMostJournalScreens);
    std::string text(kHead);
    for (std::size_t i = 0; i < count; ++i) {
        const Screen& screen = screens[i];
        text += std::string(kScreen) + std::to_string(screen.target.adapter) + ' ' +
                std::to_string(screen.target.id) + ' ' +
                (is_fit(screen.monitor) ? screen.monitor : "") + '\n';
    }
    return text + std::string(kEnd) + std::to_string(count) + '\n';
}

std::optional<std::vector<Screen>> read_journal(std::string_view text) {
    if (text.size() > kMostJournalBytes || !take(text, kHead)) {
        return std::nullopt;
    }
    std::vector<Screen> screens;
    while (take(text, kScreen)) {
        const auto line = take_until(text, '\n');
        const auto screen = line ? parse_screen(*line) : std::nullopt;
        if (!screen || screens.size() == kMostJournalScreens) {
            return std::nullopt;
        }
        screens.push_back(*screen);
    }
    const bool ended = take(text, kEnd);
    const auto line = take_until(text, '\n');
    std::size_t count = 0;
    if (!ended || !line || !text.empty() || !parse(*line, count) || count != screens.size()) {
        return std::nullopt;
    }
    return screens;
}

}  // namespace pf::host
