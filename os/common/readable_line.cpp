#include "readable_line.hpp"

#include <cstdint>

namespace pf::os {

namespace {

unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

std::size_t announced_length(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 3;
    }
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

// RFC 3629: the second byte of some sequences is bounded further (overlong, surrogates, the end).
bool valid_second(unsigned char first, unsigned char second) {
    switch (first) {
        case 0xE0: return second >= 0xA0;
        case 0xED: return second < 0xA0;
        case 0xF0: return second >= 0x90;
        case 0xF4: return second < 0x90;
        default: return true;
    }
}

// Bytes of the character at the front; 0: none is there.
std::size_t character_length(std::string_view bytes) {
    const unsigned char first = byte_at(bytes, 0);
    const std::size_t length = announced_length(first);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(bytes, i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length < 2 || valid_second(first, byte_at(bytes, 1)) ? length : 0;
}

bool is_control(std::string_view character) {
    const unsigned char first = byte_at(character, 0);
    return first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(character, 1) < 0xA0);
}

}  // namespace

std::string readable_line(std::string_view bytes) {
    std::string line;
    line.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = character_length(bytes);
        const std::string_view character = bytes.substr(0, length == 0 ? 1 : length);
        if (length == 0) {
            line += '?';
        } else if (is_control(character)) {
            line += ' ';
        } else {
            line += character;
        }
        bytes.remove_prefix(character.size());
    }
    return line;
}

}  // namespace pf::os
