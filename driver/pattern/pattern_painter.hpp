// The synthetic picture: a test card, something that moves over it, and the stamps that prove it
// whole (pf/pattern/stamp.hpp). A frame is a function of its number alone, so any part of it can
// be painted anywhere, at any time. Const after construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <pf/core/damage_region.hpp>
#include <pf/core/mode.hpp>

namespace pf::driver {

class PatternPainter {
public:
    enum class Motion {
        bar,      // one bar of full height
        squares,  // three small squares
        none,
    };

    // `dxgi_format` is one that proto::bytes_per_pixel knows.
    PatternPainter(const core::Mode& mode, std::uint32_t dxgi_format, std::uint32_t target_id,
                   Motion motion);

    // What differs between two frames. The stamps always do.
    core::DamageRegion difference(std::uint64_t from_sequence, std::uint64_t to_sequence) const;

    // Paints `region` of the frame, and all stamps. `pixels` holds pitch_bytes * height bytes.
    void paint(std::span<std::byte> pixels, std::uint32_t pitch_bytes,
               const core::DamageRegion& region, std::uint64_t sequence) const;

    std::uint32_t width() const { return width_; }
    std::uint32_t height() const { return height_; }
    std::uint32_t dxgi_format() const { return dxgi_format_; }
    std::uint32_t tight_pitch_bytes() const { return width_ * pixel_bytes_; }

private:
    static constexpr std::size_t kBands = 4;
    using Row = std::vector<std::byte>;

    std::span<const proto::DamageRect> movers(std::uint64_t sequence,
                                              std::array<proto::DamageRect, 3>& storage) const;
    const Row& card_row(std::uint32_t y) const;
    void paint_rect(std::span<std::byte> pixels, std::uint32_t pitch_bytes,
                    const proto::DamageRect& rect, std::uint64_t sequence) const;

    std::uint32_t width_;
    std::uint32_t height_;
    std::uint32_t dxgi_format_;
    std::uint32_t pixel_bytes_;
    std::uint32_t target_id_;
    Motion motion_;
    std::array<Row, kBands> card_;  // the card's rows, one for each band of brightness
    Row mover_;                     // a row of the moving things' colour
};

}  // namespace pf::driver
