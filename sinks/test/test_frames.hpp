// Frames for tests: pixels in memory of their own, with a pitch wider than the rows.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include <pf/host/frame.hpp>

namespace pf::sinks::test {

struct FrameSpec {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    host::PixelFormat format = host::PixelFormat::bgra8;
    std::int64_t present_ns = 0;
};

// `pixel(x, y)` gives the pixel's word: 32 bits of bgra8 / rgb10a2, 64 bits of rgba16f.
inline host::Frame make_frame(
    const FrameSpec& spec,
    const std::function<std::uint64_t(std::uint32_t, std::uint32_t)>& pixel) {
    struct Owner {
        std::vector<std::byte> pixels;
        host::FrameView view;
    };
    auto owner = std::make_shared<Owner>();
    const std::size_t size = spec.format == host::PixelFormat::rgba16f ? 8 : 4;
    const std::size_t pitch = (spec.width * size + 63) / 64 * 64 + 64;
    owner->pixels.resize(pitch * spec.height);
    for (std::uint32_t y = 0; y < spec.height; ++y) {
        for (std::uint32_t x = 0; x < spec.width; ++x) {
            const std::uint64_t word = pixel(x, y);
            std::memcpy(owner->pixels.data() + y * pitch + x * size, &word, size);
        }
    }
    owner->view.content =
        host::FrameMemory{.bytes = owner->pixels, .pitch_bytes = static_cast<std::uint32_t>(pitch)};
    owner->view.width = spec.width;
    owner->view.height = spec.height;
    owner->view.format = spec.format;
    owner->view.times.present_ns = spec.present_ns;
    owner->view.times.leased_ns = spec.present_ns + 1'000'000;
    const host::FrameView* view = &owner->view;
    return host::Frame(std::move(owner), view);
}

inline host::Frame solid_frame(const FrameSpec& spec, std::uint64_t word) {
    return make_frame(spec, [word](auto, auto) { return word; });
}

}  // namespace pf::sinks::test
