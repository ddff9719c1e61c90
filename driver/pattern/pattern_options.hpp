// What the pattern source shows. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <pf/proto/frame.hpp>

namespace pf::driver {

enum class PatternMode {
    copy,          // draws into a surface of its own; every frame counts as wholly changed
    zero_copy,     // draws straight into the slot
    small_damage,  // draws into a surface of its own; a few small rectangles change
    idle,          // one frame, then silence
};

struct PatternOptions {
    PatternMode mode = PatternMode::copy;
    std::uint32_t dxgi_format = proto::kFormatBgra8;
};

constexpr std::optional<PatternMode> parse_pattern_mode(std::string_view text) {
    if (text == "copy") {
        return PatternMode::copy;
    }
    if (text == "zero-copy") {
        return PatternMode::zero_copy;
    }
    if (text == "small-damage") {
        return PatternMode::small_damage;
    }
    if (text == "idle") {
        return PatternMode::idle;
    }
    return std::nullopt;
}

constexpr std::optional<std::uint32_t> parse_pixel_format(std::string_view text) {
    if (text == "bgra8") {
        return proto::kFormatBgra8;
    }
    if (text == "rgb10") {
        return proto::kFormatRgb10a2;
    }
    if (text == "fp16") {
        return proto::kFormatRgba16f;
    }
    return std::nullopt;
}

}  // namespace pf::driver
