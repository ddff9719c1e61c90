#include "png_sink.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <vector>

#include <png.h>

#include "hdr_planes.hpp"
#include "pixel_size.hpp"

namespace pf::sinks {
namespace {

constexpr const char* kWrite = "write png";

bool grow(std::vector<std::byte>& out, const std::byte* bytes, std::size_t size) {
    try {
        out.insert(out.end(), bytes, bytes + size);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

// Called by libpng, a C library: nothing is thrown through it.
// libpng gives the signature. NOLINTNEXTLINE(readability-non-const-parameter)
void append(png_structp png, png_bytep data, png_size_t size) {
    auto& out = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
    if (!grow(out, reinterpret_cast<const std::byte*>(data), size)) {
        png_error(png, "out of memory");
    }
}

// libpng's own prints to stderr first.
[[noreturn]] void leave(png_structp png, png_const_charp) {
    png_longjmp(png, 1);
}

void be16(png_byte* out, std::uint32_t value) {
    out[0] = static_cast<png_byte>(value >> 8);
    out[1] = static_cast<png_byte>(value);
}

std::uint32_t srgb_code16(std::uint16_t half) {
    const float value = half_to_float(half);
    const float light = value > 0.0F ? std::min(value, 1.0F) : 0.0F;
    const float signal =
        light <= 0.0031308F ? light * 12.92F : 1.055F * std::pow(light, 1 / 2.4F) - 0.055F;
    return static_cast<std::uint32_t>(std::lrint(signal * 65535.0F));
}

void pack_pixel(const std::byte* pixel, host::PixelFormat format, png_byte* out) {
    switch (format) {
        case host::PixelFormat::bgra8:
            for (std::size_t c = 0; c < 3; ++c) {
                out[c] = std::to_integer<png_byte>(pixel[2 - c]);
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

void pack_row(const host::FrameView& view, std::size_t y, std::vector<png_byte>& row) {
    const std::byte* pixel = view.pixels() + y * view.pitch_bytes();
    const std::size_t in_step = bytes_per_pixel(view.format);
    const std::size_t out_step = row.size() / view.width;
    for (std::size_t x = 0; x < view.width; ++x) {
        pack_pixel(pixel + x * in_step, view.format, row.data() + x * out_step);
    }
}

struct Writer {
    png_structp png = nullptr;
    png_infop info = nullptr;
    ~Writer() { png_destroy_write_struct(&png, &info); }
};

// libpng leaves by longjmp: no object with a destructor may be made in here.
bool write_image(Writer& writer, const host::FrameView& view, std::vector<png_byte>& row) {
    if (setjmp(png_jmpbuf(writer.png)) != 0) {
        return false;
    }
    png_set_compression_level(writer.png, 3);
    const int depth = view.format == host::PixelFormat::bgra8 ? 8 : 16;
    png_set_IHDR(writer.png, writer.info, view.width, view.height, depth, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (view.format != host::PixelFormat::rgb10a2) {
        png_set_sRGB(writer.png, writer.info, PNG_sRGB_INTENT_PERCEPTUAL);
    }
    png_write_info(writer.png, writer.info);
    if (view.format == host::PixelFormat::rgb10a2) {
        // ITU-T H.273: primaries 9 (BT.2020), transfer 16 (PQ), matrix 0 (RGB), full range.
        constexpr png_byte kBt2020Pq[] = {9, 16, 0, 1};
        png_write_chunk(writer.png, reinterpret_cast<png_const_bytep>("cICP"), kBt2020Pq, 4);
    }
    for (std::size_t y = 0; y < view.height; ++y) {
        pack_row(view, y, row);
        png_write_row(writer.png, row.data());
    }
    png_write_end(writer.png, writer.info);
    return true;
}

}  // namespace

os::Result<std::vector<std::byte>> encode_png(const host::FrameView& view) {
    std::vector<std::byte> out;
    std::vector<png_byte> row(std::size_t{view.width} *
                              (view.format == host::PixelFormat::bgra8 ? 3 : 6));
    Writer writer;
    const auto quiet = [](png_structp, png_const_charp) {};
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, leave, quiet);
    writer.info = writer.png == nullptr ? nullptr : png_create_info_struct(writer.png);
    if (writer.info == nullptr) {
        return os::fail(kWrite, 0, os::Reaction::retry, "out of memory");
    }
    png_set_write_fn(writer.png, &out, append, [](png_structp) {});
    if (!write_image(writer, view, row)) {
        return os::fail(kWrite, 0, os::Reaction::reject, "libpng refuses the image");
    }
    return out;
}

os::Result<std::unique_ptr<FrameSink>> PngSink::open(std::shared_ptr<os::OutputFile> file) {
    return std::unique_ptr<FrameSink>(new PngSink(std::move(file)));
}

PngSink::~PngSink() {
    if (!closed_) {
        (void)close(0);
    }
}

os::Result<void> PngSink::push(const host::Frame& frame) {
    last_ = frame;
    return {};
}

os::Result<void> PngSink::close(std::int64_t) {
    closed_ = true;
    if (!last_) {
        return leave_file({kWrite, 0, os::Reaction::retry, file_->name() + ": no frame came"});
    }
    auto image = encode_png(last_.view());
    last_ = {};
    return image ? replace_file(*image) : leave_file(image.error());
}

// Nothing is to be written: a file that was there stays, an empty one that we made does not.
os::Result<void> PngSink::leave_file(const os::Error& why) {
    if (file_->created()) {
        (void)file_->remove();
    }
    return tl::unexpected(why);
}

os::Result<void> PngSink::replace_file(const std::vector<std::byte>& image) {
    auto done = file_->truncate();
    if (done) {
        done = file_->write(image);
    }
    if (done) {
        done = file_->close();
    }
    if (!done) {
        os::Error error = done.error();
        error.detail += "; no picture is left";
        (void)file_->remove();
        return tl::unexpected(error);
    }
    return done;
}

}  // namespace pf::sinks
