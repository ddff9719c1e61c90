#include "inf_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace pf::os {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// A ';' outside quotes begins a comment.
std::string_view without_comment(std::string_view line) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        quoted ^= line[i] == '"';
        if (line[i] == ';' && !quoted) {
            return line.substr(0, i);
        }
    }
    return line;
}

// Takes the first line, comment and blanks off it.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return trim(without_comment(line));
}

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '\\' || c == '-';
}

bool has_word(std::string_view line, std::string_view word) {
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
        const std::size_t after = at + word.size();
        if ((at == 0 || !is_word(line[at - 1])) &&
            (after == line.size() || !is_word(line[after]))) {
            return true;
        }
    }
    return false;
}

// "11/25/2026, 0.1.0" -> "0.1.0.0"
std::string version_of_value(std::string_view value) {
    const std::size_t comma = value.find(',');
    if (comma == std::string_view::npos) {
        return {};
    }
    std::string_view rest = trim(value.substr(comma + 1));
    std::string text;
    for (int part = 0; part < 4; ++part) {
        unsigned number = 0;
        const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (problem != std::errc() && part == 0) {
            return {};
        }
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        if (!rest.empty() && rest.front() == '.') {
            rest.remove_prefix(1);
        }
        text += (part == 0 ? "" : ".") + std::to_string(number);
    }
    return text;
}

}  // namespace

std::string decode_inf(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) {
        return std::string(bytes.substr(3));
    }
    if (!bytes.starts_with("\xFF\xFE")) {
        return std::string(bytes);
    }
    std::string text;
    for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
        const bool ascii = bytes[i + 1] == 0 && static_cast<unsigned char>(bytes[i]) < 0x80;
        text += ascii ? bytes[i] : '?';
    }
    return text;
}

bool names_hardware_id(std::string_view text, std::string_view hardware_id) {
    const std::string wanted = lower(hardware_id);
    while (!text.empty()) {
        if (has_word(lower(next_line(text)), wanted)) {
            return true;
        }
    }
    return false;
}

std::string driver_version(std::string_view text) {
    bool in_version = false;
    while (!text.empty()) {
        const std::string line = lower(next_line(text));
        if (line.starts_with('[')) {
            in_version = line.starts_with("[version]");
            continue;
        }
        const std::size_t equals = line.find('=');
        if (in_version && equals != std::string::npos &&
            trim(std::string_view(line).substr(0, equals)) == "driverver") {
            return version_of_value(std::string_view(line).substr(equals + 1));
        }
    }
    return {};
}

}  // namespace pf::os
