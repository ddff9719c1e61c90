#include "bgra_to_yuv420.hpp"

namespace pf::sinks {
namespace {

// ITU-R BT.709 section 3, scaled to 219 and 224 steps of 8 bits, times 2^16.
constexpr std::int32_t kYr = 11966, kYg = 40254, kYb = 4064;
constexpr std::int32_t kUr = -6596, kUg = -22189, kUb = 28785;
constexpr std::int32_t kVr = 28784, kVg = -26145, kVb = -2639;
constexpr std::int32_t kLumaBase = (16 << 16) + (1 << 15);     // black, and half a step to round
constexpr std::int32_t kChromaBase = (128 << 18) + (1 << 17);  // of a sum of four pixels

struct Rgb {
    std::int32_t r, g, b;
};

[[gnu::always_inline]] inline Rgb split(std::uint32_t pixel) {
    return {static_cast<std::int32_t>(pixel >> 16 & 0xFF),
            static_cast<std::int32_t>(pixel >> 8 & 0xFF), static_cast<std::int32_t>(pixel & 0xFF)};
}

[[gnu::always_inline]] inline void luma_row(const std::uint32_t* __restrict in,
                                            std::uint8_t* __restrict out, std::size_t width) {
    for (std::size_t x = 0; x < width; ++x) {
        const Rgb c = split(in[x]);
        out[x] = static_cast<std::uint8_t>((kYr * c.r + kYg * c.g + kYb * c.b + kLumaBase) >> 16);
    }
}

[[gnu::always_inline]] inline void chroma_row(const std::uint32_t* __restrict upper,
                                              const std::uint32_t* __restrict lower,
                                              std::uint8_t* __restrict u,
                                              std::uint8_t* __restrict v, std::size_t width) {
    for (std::size_t x = 0; x < width; ++x) {
        const Rgb p = split(upper[2 * x]), q = split(upper[2 * x + 1]);
        const Rgb s = split(lower[2 * x]), t = split(lower[2 * x + 1]);
        const Rgb sum{p.r + q.r + s.r + t.r, p.g + q.g + s.g + t.g, p.b + q.b + s.b + t.b};
        u[x] = static_cast<std::uint8_t>((kUr * sum.r + kUg * sum.g + kUb * sum.b + kChromaBase) >>
                                         18);
        v[x] = static_cast<std::uint8_t>((kVr * sum.r + kVg * sum.g + kVb * sum.b + kChromaBase) >>
                                         18);
    }
}

[[gnu::always_inline]] inline void convert(const host::FrameView& view, std::uint32_t first,
                                           std::uint32_t end, const Planes420& out) {
    for (std::size_t y = first; y + 1 < end; y += 2) {
        // A slot's rows start at multiples of the pitch, which the ring keeps at whole pixels.
        const auto* upper =
            reinterpret_cast<const std::uint32_t*>(view.pixels() + y * view.pitch_bytes());
        const auto* lower =
            reinterpret_cast<const std::uint32_t*>(view.pixels() + (y + 1) * view.pitch_bytes());
        luma_row(upper, out.yuv[0] + y * out.pitch_bytes[0], view.width);
        luma_row(lower, out.yuv[0] + (y + 1) * out.pitch_bytes[0], view.width);
        chroma_row(upper, lower, out.yuv[1] + y / 2 * out.pitch_bytes[1],
                   out.yuv[2] + y / 2 * out.pitch_bytes[2], view.width / 2);
    }
}

#if defined(__x86_64__)
// The same loops, compiled for wider registers: about three times as fast.
[[gnu::target("avx2")]] void convert_avx2(const host::FrameView& view, std::uint32_t first,
                                          std::uint32_t end, const Planes420& out) {
    convert(view, first, end, out);
}
#endif

}  // namespace

void bgra_to_yuv420(const host::FrameView& view, std::uint32_t first, std::uint32_t end,
                    const Planes420& out) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return convert_avx2(view, first, end, out);
    }
#endif
    convert(view, first, end, out);
}

}  // namespace pf::sinks
