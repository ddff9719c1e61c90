// Keeps the newest frame that could not be delivered (no ring attached, or one of another size),
// for a source that cannot draw it again; a host that attaches to an idle desktop gets it at once.
// One a monitor, used under the publisher's lock. Memory is held only while a frame waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <pf/core/frame_publisher.hpp>
#include <pf/core/surface.hpp>

namespace pf::core {

class FrameStash {
public:
    // Copies the surface, replacing what was kept. Called for every undeliverable frame, it copies
    // only `info.damage`; after a frame that went elsewhere, clear() first. False, and nothing is
    // kept: no memory, or a surface that cannot be (format, size, pitch).
    bool keep(const Surface& surface, const FrameInfo& info);
    void clear();
    bool empty() const { return pixels_ == nullptr; }

    enum class Outcome {
        nothing,  // none kept, or nothing attached
        kept,     // the ring has another size or format (counted), or every slot is leased
        published,
    };
    // Publishes the kept frame and lets go of its memory. Call after each attach.
    Outcome republish(FramePublisher& publisher, std::uint64_t now_ticks);

private:
    std::unique_ptr<std::byte[]> pixels_;
    Surface surface_;  // points to pixels_
    FrameInfo info_;
};

}  // namespace pf::core
