#include "cursor_publisher.hpp"

#include <algorithm>
#include <cstring>

#include <pf/proto/shared_access.hpp>

namespace pf::driver {
namespace {

bool reaches_origin(std::span<std::byte> section) {
    if (section.size() < proto::kCursorSectionOriginBytes) {
        return false;
    }
    const auto* origin =
        reinterpret_cast<const proto::CursorOrigin*>(section.data() + proto::kCursorOriginOffset);
    return proto::load_relaxed(origin->magic) == proto::kCursorOriginMagic;
}

void write_origin(std::byte* section, std::int32_t x, std::int32_t y) {
    auto& origin = *reinterpret_cast<proto::CursorOrigin*>(section + proto::kCursorOriginOffset);
    proto::store_relaxed(origin.known, 1u);
    proto::store_relaxed(origin.x, x);
    proto::store_relaxed(origin.y, y);
}

}  // namespace

void CursorPublisher::attach(MappedCursor cursor) {
    cursor_ = {};
    const auto bytes = cursor.mapping.bytes();
    if (bytes.size() < proto::kCursorSectionBytes) {
        return;
    }
    const auto* header = reinterpret_cast<const proto::CursorShm*>(bytes.data());
    if (proto::load_acquire(header->magic) != proto::kCursorMagic) {
        return;
    }
    // A reader that compares seq before and after must not meet a value that it saw before.
    seq_ = (proto::load_relaxed(header->seq) + 1) & ~1u;
    has_origin_ = reaches_origin(bytes);
    cursor_ = std::move(cursor);
    write(true);
}

bool CursorPublisher::publish(const CursorState& state) {
    const bool with_shape = state.pixels != nullptr;
    const std::uint32_t visible = state.visible ? 1 : 0;
    const bool same = !with_shape && newest_.visible == visible && newest_.x == state.x &&
                      newest_.y == state.y && origin_x_ == state.origin_x &&
                      origin_y_ == state.origin_y;
    newest_.visible = visible;
    newest_.x = state.x;
    newest_.y = state.y;
    origin_x_ = state.origin_x;
    origin_y_ = state.origin_y;
    if (with_shape) {
        remember_shape(state);
    }
    if (same || !attached()) {
        return false;
    }
    write(with_shape);
    return true;
}

void CursorPublisher::remember_shape(const CursorState& state) {
    newest_.width = std::min(state.width, proto::kCursorMaxDimension);
    newest_.height = std::min(state.height, proto::kCursorMaxDimension);
    newest_.pitch = newest_.width * 4;
    newest_.hot_x = std::min(state.hot_x, newest_.width);
    newest_.hot_y = std::min(state.hot_y, newest_.height);
    newest_.cursor_type = proto::kCursorTypeAlpha;
    ++newest_.shape_id;
    shape_.resize(std::size_t{newest_.width} * newest_.height);
    for (std::uint32_t y = 0; y < newest_.height; ++y) {
        std::copy_n(state.pixels + std::size_t{y} * state.width, newest_.width,
                    shape_.data() + std::size_t{y} * newest_.width);
    }
}

void CursorPublisher::write(bool with_shape) {
    auto* base = cursor_.mapping.bytes().data();
    auto& shared = *reinterpret_cast<proto::CursorShm*>(base);
    proto::store_relaxed(shared.seq, seq_ + 1);
    std::atomic_thread_fence(std::memory_order_release);  // odd before any change below
    proto::store_relaxed(shared.visible, newest_.visible);
    proto::store_relaxed(shared.cursor_type, newest_.cursor_type);
    proto::store_relaxed(shared.x, newest_.x);
    proto::store_relaxed(shared.y, newest_.y);
    proto::store_relaxed(shared.shape_id, newest_.shape_id);
    proto::store_relaxed(shared.width, newest_.width);
    proto::store_relaxed(shared.height, newest_.height);
    proto::store_relaxed(shared.pitch, newest_.pitch);
    proto::store_relaxed(shared.hot_x, newest_.hot_x);
    proto::store_relaxed(shared.hot_y, newest_.hot_y);
    if (has_origin_) {
        write_origin(base, origin_x_, origin_y_);
    }
    if (with_shape && !shape_.empty()) {
        std::memcpy(base + proto::kCursorShapeOffset, shape_.data(), shape_.size() * 4);
    }
    seq_ += 2;
    proto::store_release(shared.seq, seq_);
}

}  // namespace pf::driver
