// Writes the pointer into the cursor section that the host delivered, under its seqlock. Keeps the
// newest pointer, so that a section that comes later starts with it. One thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include <pf/os/shared_memory.hpp>
#include <pf/proto/cursor_origin.hpp>

namespace pf::driver {

// A delivered cursor section, adopted (>= proto::kCursorSectionBytes) and mapped.
struct MappedCursor {
    os::Region region;
    os::WritableMapping mapping;
};

// The pointer, as a source tells it. Pixels are BGRA, premultiplied.
struct CursorState {
    bool visible = false;
    std::int32_t x = 0, y = 0;                // top-left of the picture, desktop pixels
    std::int32_t origin_x = 0, origin_y = 0;  // top-left of this monitor, desktop pixels
    std::uint32_t hot_x = 0, hot_y = 0;
    std::uint32_t width = 0, height = 0;    // at most 256
    const std::uint32_t* pixels = nullptr;  // width * height; null: the shape did not change
};

class CursorPublisher {
public:
    // Replaces an earlier section. One that is too small or without its magic is let go unused.
    void attach(MappedCursor cursor);
    bool attached() const { return !cursor_.mapping.bytes().empty(); }
    // A shape larger than 256 x 256 is cut to that. False: the section says so already, or there is
    // none.
    bool publish(const CursorState& state);

private:
    void remember_shape(const CursorState& state);
    void write(bool with_shape);

    MappedCursor cursor_;
    bool has_origin_ = false;  // the section goes on behind the public contract's end
    std::uint32_t seq_ = 0;    // ours: what the section says is never believed
    proto::CursorShm newest_{};
    std::int32_t origin_x_ = 0, origin_y_ = 0;
    std::vector<std::uint32_t> shape_;  // newest_.width * newest_.height
};

}  // namespace pf::driver
