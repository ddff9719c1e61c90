// The proof that a frame is whole: every row carries, at both of its ends, which monitor and which
// frame it belongs to. The pattern source paints stamps, a verifying consumer reads them back.
// Header-only and without dependencies, so that both sides of the boundary can use it. No state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace pf::pattern {

// As it lies in the first and in the last bytes of a row. The digest comes first: a row too narrow
// for all of it keeps the first bytes, and four of them still prove row, frame and monitor.
struct RowStamp {
    std::uint32_t digest;  // of the other fields
    std::uint32_t row;
    std::uint64_t source_sequence;
    std::uint32_t target_id;
    std::uint32_t reserved;  // zero
};

inline constexpr std::size_t kStampBytes = sizeof(RowStamp);
static_assert(kStampBytes == 24);

// MurmurHash3's 64-bit finalizer (public domain): every input bit moves every output bit.
constexpr std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ (x >> 33);
}

constexpr std::uint32_t stamp_digest(std::uint32_t target_id, std::uint64_t source_sequence,
                                     std::uint32_t row) {
    const std::uint64_t place = std::uint64_t{target_id} << 32 | row;
    return static_cast<std::uint32_t>(mix(mix(source_sequence + 1) ^ place));
}

constexpr RowStamp make_stamp(std::uint32_t target_id, std::uint64_t source_sequence,
                              std::uint32_t row) {
    return {stamp_digest(target_id, source_sequence, row), row, source_sequence, target_id, 0};
}

// Where the stamps of a row lie, in bytes from its start. Rows that cannot hold two whole ones
// have the left one only, cut off at the row's end.
struct StampPlaces {
    std::size_t left_bytes;    // of the stamp at 0
    std::size_t right_offset;  // 0: there is no right stamp
};

constexpr StampPlaces stamp_places(std::uint32_t width, std::uint32_t bytes_per_pixel) {
    const std::size_t row_bytes = std::size_t{width} * bytes_per_pixel;
    const std::size_t left = row_bytes < kStampBytes ? row_bytes : kStampBytes;
    return {left, row_bytes >= 2 * kStampBytes ? row_bytes - kStampBytes : 0};
}

// Pixels that the left stamp (and the right one) covers: a source reports them as damage.
constexpr std::uint32_t stamp_columns(std::uint32_t width, std::uint32_t bytes_per_pixel) {
    const auto columns = static_cast<std::uint32_t>(kStampBytes / bytes_per_pixel);
    return columns < width ? columns : width;
}

// `pixels` holds pitch_bytes * (height - 1) + width * bytes_per_pixel bytes at least; a shorter one
// gets the rows that fit.
inline void paint_stamps(std::span<std::byte> pixels, std::size_t pitch_bytes, std::uint32_t width,
                         std::uint32_t height, std::uint32_t bytes_per_pixel,
                         std::uint32_t target_id, std::uint64_t source_sequence) {
    const StampPlaces places = stamp_places(width, bytes_per_pixel);
    const std::size_t row_bytes = std::size_t{width} * bytes_per_pixel;
    for (std::uint32_t row = 0; row < height; ++row) {
        if (row * pitch_bytes + row_bytes > pixels.size()) {
            return;
        }
        std::byte* start = pixels.data() + row * pitch_bytes;
        const RowStamp stamp = make_stamp(target_id, source_sequence, row);
        std::memcpy(start, &stamp, places.left_bytes);
        if (places.right_offset != 0) {
            std::memcpy(start + places.right_offset, &stamp, kStampBytes);
        }
    }
}

struct VerifyResult {
    bool whole = false;    // every row is the expected monitor's and the expected frame's
    bool torn = false;     // rows of different frames, or rows that are no stamped rows
    bool foreign = false;  // a row of another monitor
    // The frame that the rows name; the expected one when whole. Neither whole, torn nor foreign:
    // one frame, but not the expected one. 0 when no row can be read.
    std::uint64_t source_sequence = 0;
    std::uint32_t first_wrong_row = 0;  // unless whole
};

namespace detail {

enum class Ends { expected, other_frame, foreign, unreadable };

// One end of a row; `bytes` of the stamp are there.
inline Ends check_end(const std::byte* place, std::size_t bytes, const RowStamp& expected,
                      std::uint64_t& sequence_out) {
    if (std::memcmp(place, &expected, bytes) == 0) {
        sequence_out = expected.source_sequence;
        return Ends::expected;
    }
    if (bytes < kStampBytes) {
        return Ends::unreadable;
    }
    RowStamp found;
    std::memcpy(&found, place, sizeof found);
    if (found.row != expected.row || found.reserved != 0 ||
        found.digest != stamp_digest(found.target_id, found.source_sequence, found.row)) {
        return Ends::unreadable;
    }
    sequence_out = found.source_sequence;
    return found.target_id == expected.target_id ? Ends::other_frame : Ends::foreign;
}

// What the ends seen so far add up to.
struct Tally {
    VerifyResult result;
    bool any_sequence = false;
    bool any_wrong = false;

    void add(Ends ends, std::uint64_t sequence, std::uint32_t row) {
        if (ends != Ends::expected && !any_wrong) {
            any_wrong = true;
            result.first_wrong_row = row;
        }
        if (ends == Ends::unreadable) {
            result.torn = true;
            return;
        }
        result.foreign = result.foreign || ends == Ends::foreign;
        result.torn = result.torn || (any_sequence && sequence != result.source_sequence);
        if (!any_sequence) {
            any_sequence = true;
            result.source_sequence = sequence;
        }
    }
};

}  // namespace detail

// Reads every stamp of a frame that nobody writes meanwhile. A frame of no pixels is not whole.
inline VerifyResult verify(std::span<const std::byte> pixels, std::size_t pitch_bytes,
                           std::uint32_t width, std::uint32_t height, std::uint32_t bytes_per_pixel,
                           std::uint32_t target_id, std::uint64_t source_sequence) {
    const StampPlaces places = stamp_places(width, bytes_per_pixel);
    const std::size_t row_bytes = std::size_t{width} * bytes_per_pixel;
    detail::Tally tally;
    for (std::uint32_t row = 0; row < height; ++row) {
        if (row * pitch_bytes + row_bytes > pixels.size()) {
            tally.add(detail::Ends::unreadable, 0, row);
            break;
        }
        const std::byte* start = pixels.data() + row * pitch_bytes;
        const RowStamp expected = make_stamp(target_id, source_sequence, row);
        std::uint64_t sequence = 0;
        detail::Ends ends = detail::check_end(start, places.left_bytes, expected, sequence);
        tally.add(ends, sequence, row);
        if (places.right_offset != 0) {
            ends = detail::check_end(start + places.right_offset, kStampBytes, expected, sequence);
            tally.add(ends, sequence, row);
        }
    }
    tally.result.whole = row_bytes != 0 && height != 0 && !tally.any_wrong;
    return tally.result;
}

}  // namespace pf::pattern
