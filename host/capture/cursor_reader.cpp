#include "capture/cursor_reader.hpp"

#include <atomic>

#include <pf/proto/shared_access.hpp>
#include <pf/proto/validate.hpp>

namespace pf::host {
namespace {

constexpr int kTries = 32;

// A driver that starts anew counts its shapes from the beginning, so they are numbered here.
std::uint32_t next_shape_id() {
    static std::atomic<std::uint32_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

proto::CursorShm copy_state(const proto::CursorShm& shared) {
    using proto::load_relaxed;
    proto::CursorShm copy{};
    copy.visible = load_relaxed(shared.visible);
    copy.cursor_type = load_relaxed(shared.cursor_type);
    copy.x = load_relaxed(shared.x);
    copy.y = load_relaxed(shared.y);
    copy.shape_id = load_relaxed(shared.shape_id);
    copy.width = load_relaxed(shared.width);
    copy.height = load_relaxed(shared.height);
    copy.pitch = load_relaxed(shared.pitch);
    copy.hot_x = load_relaxed(shared.hot_x);
    copy.hot_y = load_relaxed(shared.hot_y);
    return copy;
}

// All zero when the driver does not know this.
proto::CursorOrigin copy_origin(const proto::CursorOrigin& shared) {
    proto::CursorOrigin copy{};
    copy.known = proto::load_relaxed(shared.known);
    if (copy.known != 0) {
        copy.x = proto::load_relaxed(shared.x);
        copy.y = proto::load_relaxed(shared.y);
    }
    return copy;
}

// Wraps around: both numbers are the driver's, who may say anything.
std::int32_t from(std::int32_t origin, std::int32_t at) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(at) -
                                     static_cast<std::uint32_t>(origin));
}

}  // namespace

os::Result<std::unique_ptr<CursorReader>> CursorReader::create() {
    auto region = os::Region::create(proto::kCursorSectionOriginBytes, "pf-cursor");
    if (!region) {
        return tl::unexpected(region.error());
    }
    auto mapping = os::WritableMapping::map(*region);
    if (!mapping) {
        return tl::unexpected(mapping.error());
    }
    std::unique_ptr<CursorReader> reader(new CursorReader);
    reader->region_ = std::move(*region);
    reader->mapping_ = std::move(*mapping);
    proto::store_relaxed(reader->origin().magic, proto::kCursorOriginMagic);
    proto::store_release(reader->shared().magic, proto::kCursorMagic);
    return reader;
}

std::optional<Cursor> CursorReader::read() {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < kTries; ++i) {
        State state;
        std::shared_ptr<const CursorShape> shape = shape_;
        if (!read_once(state, shape)) {
            continue;
        }
        if (state.pointer.seq == 0) {
            return std::nullopt;
        }
        if (shape_ != shape) {
            shape_ = shape;
            driver_shape_id_ = state.pointer.shape_id;
        }
        const auto& [pointer, origin] = state;
        return Cursor{pointer.visible != 0, from(origin.x, pointer.x), from(origin.y, pointer.y),
                      origin.known == 0, std::move(shape)};
    }
    return std::nullopt;
}

// True when nothing was written meanwhile; the copies are one state then.
bool CursorReader::read_once(State& out, std::shared_ptr<const CursorShape>& shape) const {
    proto::CursorShm& state = out.pointer;
    const std::uint32_t before = proto::load_acquire(shared().seq);
    if (before % 2 != 0) {
        return false;
    }
    state = copy_state(shared());
    state.seq = before;
    out.origin = copy_origin(origin());
    const bool known = shape != nullptr && driver_shape_id_ == state.shape_id;
    if (!known && state.width != 0 && state.height != 0) {
        shape = copy_shape(state);
    }
    std::atomic_thread_fence(std::memory_order_acquire);  // the copies before the second look
    return proto::load_relaxed(shared().seq) == before;
}

std::shared_ptr<const CursorShape> CursorReader::copy_shape(const proto::CursorShm& state) const {
    if (!proto::valid_cursor_shape(state, mapping_.bytes().size()) || state.pitch % 4 != 0) {
        return nullptr;
    }
    auto shape = std::make_shared<CursorShape>();
    shape->id = next_shape_id();
    shape->width = state.width;
    shape->height = state.height;
    shape->hot_x = state.hot_x < state.width ? state.hot_x : 0;
    shape->hot_y = state.hot_y < state.height ? state.hot_y : 0;
    shape->masked = state.cursor_type == proto::kCursorTypeMasked;
    shape->pixels.resize(std::size_t{state.width} * state.height);
    const std::byte* base = mapping_.bytes().data() + proto::kCursorShapeOffset;
    std::size_t next = 0;
    for (std::uint32_t y = 0; y < state.height; ++y) {
        const auto* row =
            reinterpret_cast<const std::uint32_t*>(base + std::size_t{y} * state.pitch);
        for (std::uint32_t x = 0; x < state.width; ++x) {
            shape->pixels[next++] = proto::load_relaxed(row[x]);
        }
    }
    return shape;
}

}  // namespace pf::host
