// The host's side of a ring that a driver lies in: takes, holds and lets go of frames in any
// order, reads every byte that a view exposes, and insists on what a host promises its callers.
// One thread each; several share a RingReader.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capture/cursor_reader.hpp"
#include "capture/ring_reader.hpp"
#include "dice.hpp"

namespace pf::hostile {

class LiedToReader {
public:
    LiedToReader(std::shared_ptr<host::RingReader> reader, std::uint64_t seed);

    void step();
    void let_all_go() { held_.clear(); }
    std::uint64_t frames() const { return position_.frames; }
    std::uint64_t refused() const { return position_.rejected + position_.stale; }

private:
    void take();

    std::shared_ptr<host::RingReader> reader_;
    host::ReadPosition position_;
    Dice dice_;
    std::vector<host::Frame> held_;
};

// Reads all that the view names. `geometry` is the ring's, from before the lies.
void insist_on_frame(const host::FrameView& view, const proto::RingGeometry& geometry);
void insist_on_cursor(const host::Cursor& cursor);

}  // namespace pf::hostile
