#include <pf/core/copy_rects.hpp>

#include <algorithm>
#include <cstring>

#include <pf/proto/validate.hpp>

namespace pf::core {

namespace {

std::uint64_t copy_rect(const CopyTarget& to, const CopySource& from,
                        const proto::DamageRect& rect) {
    const std::size_t left = std::size_t{rect.x} * from.pixel_bytes;
    const std::size_t bytes = std::size_t{rect.width} * from.pixel_bytes;
    std::byte* out = to.pixels + std::size_t{rect.y} * to.pitch_bytes + left;
    const std::byte* in = from.pixels + std::size_t{rect.y} * from.pitch_bytes + left;
    if (bytes == to.pitch_bytes && bytes == from.pitch_bytes) {
        std::memcpy(out, in, bytes * rect.height);  // rows without gaps are one run
        return std::uint64_t{bytes} * rect.height;
    }
    for (std::uint32_t row = 0; row < rect.height; ++row) {
        std::memcpy(out, in, bytes);
        out += to.pitch_bytes;
        in += from.pitch_bytes;
    }
    return std::uint64_t{bytes} * rect.height;
}

// The part of `rect` inside the frame and the rows; zero height when there is none.
proto::DamageRect in_rows(const proto::DamageRect& rect, const CopySource& from,
                          std::uint32_t first_row, std::uint32_t end_row) {
    proto::DamageRect part = proto::clip(rect, from.width, from.height);
    const std::uint32_t top = std::max(part.y, first_row);
    const std::uint32_t bottom = std::min(part.y + part.height, end_row);
    part.y = top;
    part.height = top < bottom ? bottom - top : 0;
    return part;
}

}  // namespace

std::uint64_t copy_rects(const CopyTarget& to, const CopySource& from, const DamageRegion& region,
                         std::uint32_t first_row, std::uint32_t end_row) {
    const proto::DamageRect whole{0, 0, from.width, from.height};
    if (region.is_full()) {
        return copy_rect(to, from, in_rows(whole, from, first_row, end_row));
    }
    std::uint64_t bytes = 0;
    for (const proto::DamageRect& rect : region.rects()) {
        bytes += copy_rect(to, from, in_rows(rect, from, first_row, end_row));
    }
    return bytes;
}

}  // namespace pf::core
