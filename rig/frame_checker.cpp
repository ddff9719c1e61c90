#include <pf/rig/frame_checker.hpp>

#include <pf/pattern/stamp.hpp>

namespace pf::rig {
namespace {

std::uint32_t bytes_per_pixel(host::PixelFormat format) {
    return format == host::PixelFormat::rgba16f ? 8 : 4;
}

}  // namespace

Verdict FrameChecker::check(const host::FrameView& view) {
    const std::uint32_t pixel_bytes = bytes_per_pixel(view.format);
    const std::size_t bytes =
        std::size_t{view.pitch_bytes()} * (view.height - 1) + std::size_t{view.width} * pixel_bytes;
    const auto found =
        pattern::verify({view.pixels(), bytes}, view.pitch_bytes(), view.width, view.height,
                        pixel_bytes, view.target_id, view.source_sequence);
    if (found.foreign) {
        return Verdict::foreign;
    }
    if (found.torn) {
        return Verdict::torn;
    }
    const bool again =
        any_ && view.generation == generation_ && view.source_sequence <= last_sequence_;
    any_ = true;
    generation_ = view.generation;
    last_sequence_ = view.source_sequence;
    return found.whole && !again ? Verdict::whole : Verdict::stale;
}

}  // namespace pf::rig
