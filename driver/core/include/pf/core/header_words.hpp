// The driver's words in the shared header, tails included when they exist. Writes only: what the
// host wrote was read once (ring_header.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/slot_set.hpp>
#include <pf/proto/frame.hpp>

namespace pf::core {

class HeaderWords {
public:
    HeaderWords() = default;  // nothing is written anywhere
    // `section` is at least sizeof(SharedHeader) bytes, 8-aligned, and stays mapped. `version` is
    // the header's as read once; `with_tails` false leaves the tails alone whatever it says.
    HeaderWords(std::span<std::byte> section, std::uint32_t version, bool with_tails);

    void render_luid(std::uint32_t low, std::int32_t high);
    void status(std::uint32_t status, std::uint32_t detail);  // detail first
    void forget_latest();
    // What the public header says of the newest frame, then the token (release).
    void latest(const proto::FrameToken& token, std::uint64_t present_ticks,
                std::uint64_t source_sequence);
    // Attached: the live detail word, and what the tails have of it.
    void report(const WriterTotals& totals);
    void health(std::uint32_t state);
    // What this driver can do, and which attach of this monitor it is.
    void introduce(std::uint32_t capabilities, std::uint32_t assignment_epoch);

private:
    proto::SharedHeader* base_ = nullptr;
    proto::SharedHeaderV2* telemetry_ = nullptr;
    proto::SharedHeaderV3* health_ = nullptr;
};

}  // namespace pf::core
