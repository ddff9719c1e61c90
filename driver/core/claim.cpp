#include <pf/core/claim.hpp>

#include <algorithm>
#include <utility>

#include <pf/core/frame_publisher.hpp>

namespace pf::core {

bool FillJob::step(std::uint32_t rows) {
    const std::uint32_t end = next_row_ + std::min(rows, rows_left());
    if (end != next_row_) {
        claim_->its_.copied_bytes +=
            claim_->its_.slot->copy(surface_, claim_->its_.lacking, next_row_, end);
        next_row_ = end;
    }
    return rows_left() != 0;
}

Claim::Claim(Claim&& other) noexcept
    : publisher_(std::exchange(other.publisher_, nullptr)), its_(other.its_) {}

Claim& Claim::operator=(Claim&& other) noexcept {
    std::swap(publisher_, other.publisher_);
    std::swap(its_, other.its_);
    Claim ended(std::move(other));
    return *this;
}

Claim::~Claim() {
    if (publisher_ != nullptr) {
        publisher_->end(*this);
    }
}

std::optional<FillJob> Claim::fill(const Surface& surface) {
    if (!matches(surface, its_.geometry)) {
        return std::nullopt;
    }
    return FillJob(*this, surface, its_.lacking.rows(its_.geometry.height));
}

bool matches(const Surface& surface, const proto::RingGeometry& geometry) {
    return surface.pixels != nullptr && surface.width == geometry.width &&
           surface.height == geometry.height && surface.dxgi_format == geometry.dxgi_format &&
           surface.pitch_bytes >= surface.width * proto::bytes_per_pixel(surface.dxgi_format);
}

}  // namespace pf::core
