// A frame on loan from the ring. Copies share the loan; the slot goes back to the driver when the
// last copy ends, on any thread. A frame stays readable after the driver died and after the
// session ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include <pf/os/handle.hpp>
#include <pf/proto/ring_extension.hpp>

namespace pf::host {

enum class PixelFormat : std::uint32_t {  // values: proto::kFormat*
    bgra8 = proto::kFormatBgra8,
    rgb10a2 = proto::kFormatRgb10a2,
    rgba16f = proto::kFormatRgba16f,
};

// Nanoseconds of os::now_ns(). 0: the peer does not tell.
struct FrameTimes {
    std::int64_t present_ns = 0;  // the source composed it
    std::int64_t claimed_ns = 0;
    std::int64_t filled_ns = 0;
    std::int64_t published_ns = 0;
    std::int64_t noticed_ns = 0;  // this host saw the token
    std::int64_t leased_ns = 0;   // this host holds the slot
};

// A frame that is plain memory of this process.
struct FrameMemory {
    std::span<const std::byte> bytes;  // pitch_bytes * height; the first row is the top one
    std::uint32_t pitch_bytes = 0;     // from one row to the next
    // For who hands the pixels on without copying them (a C interface, an export as dma-buf): the
    // memory object that they lie in, ours and open while the frame is there, and where in it.
    os::Handle::Native handle = os::Handle::kNone;
    std::uint64_t offset_bytes = 0;
};

// What a consumer works with; plain values that do not own the pixels.
struct FrameView {
    // What the frame is. Memory is all there is today; a shared texture with its fence is another
    // kind, and has no pixels() then.
    std::variant<FrameMemory> content;
    std::uint32_t slot = 0;    // 0..kRingLen - 1: one of one generation is the same object always
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    PixelFormat format = PixelFormat::bgra8;
    std::uint32_t target_id = 0;
    std::uint32_t generation = 0;
    std::uint32_t seq = 0;
    std::uint64_t source_sequence = 0;
    FrameTimes times;
    // What changed since the frame that this consumer took before, with all that it skipped: 1 to
    // kMaxDamageRects rectangles inside the frame. Who handles these handles every frame right.
    std::span<const proto::DamageRect> damage;
    // For information: nobody can tell what changed (the first frame, too much was skipped), so
    // `damage` is the whole frame.
    bool full_damage = true;

    // Null for a frame that is no memory of this process.
    const FrameMemory* memory() const { return std::get_if<FrameMemory>(&content); }
    const std::byte* pixels() const { return memory() ? memory()->bytes.data() : nullptr; }
    std::uint32_t pitch_bytes() const { return memory() ? memory()->pitch_bytes : 0; }
};

class Frame {
public:
    Frame() = default;
    // For the ring: `lease` releases the slot and keeps the memory mapped.
    Frame(std::shared_ptr<const void> lease, const FrameView* view)
        : lease_(std::move(lease)), view_(view) {}

    const FrameView& view() const { return *view_; }  // only when not empty
    explicit operator bool() const { return view_ != nullptr; }

private:
    std::shared_ptr<const void> lease_;
    const FrameView* view_ = nullptr;  // inside the lease
};

}  // namespace pf::host
