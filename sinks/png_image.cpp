#include "png_image.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>

#include <zlib.h>

#include "hdr_planes.hpp"
#include "pixel_size.hpp"

// The format is RFC 2083 (PNG 1.2); the chunk cICP comes from its third edition.
namespace pf::sinks {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr const char* kEncode = "encode png";
constexpr std::uint32_t kMostPixels = 1'000'000;  // a side: what readers take (libpng's own limit)
constexpr int kCompression = 3;  // zlib's 1 (fast) to 9; desktops shrink well with little

void be32(std::uint8_t* out, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) {
        out[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    }
}

void be16(std::uint8_t* out, std::uint32_t value) {
    out[0] = static_cast<std::uint8_t>(value >> 8);
    out[1] = static_cast<std::uint8_t>(value);
}

std::uint32_t srgb_code16(std::uint16_t half) {
    const float value = half_to_float(half);
    const float light = value > 0.0F ? std::min(value, 1.0F) : 0.0F;
    const float signal =
        light <= 0.0031308F ? light * 12.92F : 1.055F * std::pow(light, 1 / 2.4F) - 0.055F;
    return static_cast<std::uint32_t>(std::lrint(signal * 65535.0F));
}

void pack_pixel(const std::byte* pixel, host::PixelFormat format, std::uint8_t* out) {
    switch (format) {
        case host::PixelFormat::bgra8:
            for (std::size_t c = 0; c < 3; ++c) {
                out[c] = std::to_integer<std::uint8_t>(pixel[2 - c]);
            }
            break;
        case host::PixelFormat::rgb10a2: {
            std::uint32_t word = 0;
            std::memcpy(&word, pixel, 4);
            for (std::size_t c = 0; c < 3; ++c) {
                const std::uint32_t code = (word >> (10 * c)) & 0x3FF;
                be16(out + 2 * c, code << 6 | code >> 4);
            }
            break;
        }
        case host::PixelFormat::rgba16f:
            for (std::size_t c = 0; c < 3; ++c) {
                std::uint16_t half = 0;
                std::memcpy(&half, pixel + 2 * c, 2);
                be16(out + 2 * c, srgb_code16(half));
            }
            break;
    }
}

void pack_row(const host::FrameView& view, std::size_t y, Bytes& row) {
    const std::byte* pixel = view.pixels() + y * view.pitch_bytes();
    const std::size_t in_step = bytes_per_pixel(view.format);
    const std::size_t out_step = row.size() / view.width;
    for (std::size_t x = 0; x < view.width; ++x) {
        pack_pixel(pixel + x * in_step, view.format, row.data() + x * out_step);
    }
}

// Length, type, content, and a checksum over the latter two.
void append_chunk(std::vector<std::byte>& out, std::string_view type, const Bytes& content) {
    Bytes chunk(4);
    be32(chunk.data(), static_cast<std::uint32_t>(content.size()));
    chunk.insert(chunk.end(), type.begin(), type.end());
    chunk.insert(chunk.end(), content.begin(), content.end());
    chunk.resize(chunk.size() + 4);
    const uLong sum = ::crc32_z(0, chunk.data() + 4, chunk.size() - 8);
    be32(chunk.data() + chunk.size() - 4, static_cast<std::uint32_t>(sum));
    const auto* const bytes = reinterpret_cast<const std::byte*>(chunk.data());
    out.insert(out.end(), bytes, bytes + chunk.size());
}

Bytes image_header(const host::FrameView& view) {
    Bytes content(13);
    be32(content.data(), view.width);
    be32(content.data() + 4, view.height);
    content[8] = view.format == host::PixelFormat::bgra8 ? 8 : 16;  // bits a channel
    content[9] = 2;                                                 // red, green, blue
    return content;
}

// Each row as the difference from the one above it (filter 2): still areas become zeros.
class FilteredRows {
public:
    explicit FilteredRows(std::size_t row_bytes)
        : row_(row_bytes), above_(row_bytes), filtered_(row_bytes + 1) {
        filtered_[0] = 2;
    }
    Bytes& row() { return row_; }
    const Bytes& filter() {
        std::transform(row_.begin(), row_.end(), above_.begin(), filtered_.begin() + 1,
                       [](std::uint8_t here, std::uint8_t above) {
                           return static_cast<std::uint8_t>(here - above);
                       });
        row_.swap(above_);
        return filtered_;
    }

private:
    Bytes row_, above_, filtered_;
};

class Deflater {
public:
    Deflater() : ready_(::deflateInit(&stream_, kCompression) == Z_OK) {}
    ~Deflater() { ::deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    bool add(const Bytes& bytes, bool last) {
        stream_.next_in = const_cast<Bytef*>(bytes.data());
        stream_.avail_in = static_cast<uInt>(bytes.size());
        int result = Z_OK;
        do {
            std::array<std::uint8_t, 1 << 15> room;
            stream_.next_out = room.data();
            stream_.avail_out = static_cast<uInt>(room.size());
            result = ready_ ? ::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) : Z_STREAM_ERROR;
            out_.insert(out_.end(), room.data(), stream_.next_out);
        } while (result == Z_OK && stream_.avail_out == 0);
        return result == (last ? Z_STREAM_END : Z_OK) || (!last && result == Z_BUF_ERROR);
    }
    const Bytes& out() const { return out_; }

private:
    z_stream stream_{};
    bool ready_;
    Bytes out_;
};

std::optional<Bytes> deflate_rows(const host::FrameView& view) {
    FilteredRows rows(std::size_t{view.width} * (view.format == host::PixelFormat::bgra8 ? 3 : 6));
    Deflater deflater;
    for (std::size_t y = 0; y < view.height; ++y) {
        pack_row(view, y, rows.row());
        if (!deflater.add(rows.filter(), y + 1 == view.height)) {
            return std::nullopt;
        }
    }
    return deflater.out();
}

}  // namespace

os::Result<std::vector<std::byte>> encode_png(const host::FrameView& view) {
    if (view.width > kMostPixels || view.height > kMostPixels) {
        return os::fail(kEncode, 0, os::Reaction::reject,
                        "readers of PNG take no picture of more than 1000000 pixels a side");
    }
    const auto pixels = deflate_rows(view);
    if (!pixels || pixels->size() > INT32_MAX) {  // a chunk's length has 31 bits
        return os::fail(kEncode, 0, os::Reaction::retry, "zlib cannot compress the picture");
    }
    constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P',  'N',  'G',
                                                        '\r', '\n', 0x1A, '\n'};
    const auto signature = std::as_bytes(std::span(kSignature));
    std::vector<std::byte> out(signature.begin(), signature.end());
    append_chunk(out, "IHDR", image_header(view));
    if (view.format == host::PixelFormat::rgb10a2) {
        // ITU-T H.273: primaries 9 (BT.2020), transfer 16 (PQ), matrix 0 (RGB), full range.
        append_chunk(out, "cICP", {9, 16, 0, 1});
    } else {
        append_chunk(out, "sRGB", {0});  // perceptual
    }
    append_chunk(out, "IDAT", *pixels);
    append_chunk(out, "IEND", {});
    return out;
}

}  // namespace pf::sinks
