// The right to write one slot of the ring that is attached, from FramePublisher::claim(). Several
// may be open. Publishing ends it; its destructor gives the slot back without a frame. A ring that
// is replaced or let go ends it too: then publishing and giving back do nothing, and its slot may
// still be drawn into as long as the shell keeps the ring mapped.
//
// Made, moved, published and destroyed under the publisher's lock, before the publisher goes; drawn
// into and filled without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <pf/core/frame_info.hpp>
#include <pf/core/slot_set.hpp>
#include <pf/core/surface.hpp>

namespace pf::core {

class Claim;
class FramePublisher;

// A copy into a claimed slot, in bands from the top down, so that who does it may act before its
// end (wake the reader). Its claim stays where it is, and its surface readable, until the end.
class FillJob {
public:
    // Copies the next `rows` rows' part of what the slot lacks. False: nothing is left.
    bool step(std::uint32_t rows);
    void finish() { step(rows_left()); }
    std::uint32_t rows_left() const { return end_row_ - next_row_; }

private:
    friend class Claim;
    FillJob(Claim& claim, const Surface& surface, DamageRegion::Rows rows)
        : claim_(&claim), surface_(surface), next_row_(rows.first), end_row_(rows.end) {}

    Claim* claim_;
    Surface surface_;
    std::uint32_t next_row_;
    std::uint32_t end_row_;
};

class Claim {
public:
    Claim(Claim&& other) noexcept;
    Claim& operator=(Claim&& other) noexcept;
    ~Claim();

    std::uint32_t slot() const { return its_.index; }
    std::span<std::byte> pixels() const { return its_.slot->pixels(); }
    std::uint32_t pitch_bytes() const { return its_.geometry.pitch_bytes; }
    // What must be drawn to make the slot the frame that was offered: what changed with it, and
    // what the slot lacks of the frames before.
    const DamageRegion& lacking() const { return its_.lacking; }
    // Copies lacking() from a surface that shows the whole frame. nullopt: it does not match the
    // ring.
    std::optional<FillJob> fill(const Surface& surface);

private:
    friend class FillJob;
    friend class FramePublisher;
    struct Content {
        Slot* slot = nullptr;
        proto::RingGeometry geometry{};
        std::uint32_t index = 0;
        std::uint64_t id = 0;  // 1 and up, never used twice by a publisher
        FrameInfo frame;
        std::uint64_t prepared_at = 0;  // see FramePublisher::prepare()
        DamageRegion lacking;
        std::uint64_t copied_bytes = 0;
    };
    Claim(FramePublisher& publisher, const Content& content)
        : publisher_(&publisher), its_(content) {}

    FramePublisher* publisher_;  // null: moved from
    Content its_;
};

// Whether a surface has the geometry's size and format, and at least tight rows.
bool matches(const Surface& surface, const proto::RingGeometry& geometry);

}  // namespace pf::core
