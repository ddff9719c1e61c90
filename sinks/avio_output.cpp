#include "avio_output.hpp"

namespace pf::sinks {
namespace {

constexpr int kBufferBytes = 1 << 16;

#if LIBAVFORMAT_VERSION_MAJOR >= 61
using Bytes = const std::uint8_t*;
#else
using Bytes = std::uint8_t*;
#endif

int averror_of(const os::Error& error) {
    return error.code > 0 && error.code < 4096 ? AVERROR(static_cast<int>(error.code))
                                               : AVERROR_EXTERNAL;
}

int write_bytes(void* opaque, Bytes bytes, int size) {
    auto& file = *static_cast<os::OutputFile*>(opaque);
    const auto written =
        file.write(std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))));
    return written ? size : averror_of(written.error());
}

// Only ever to a position: a muxer that writes asks for nothing else.
std::int64_t seek_to(void* opaque, std::int64_t position, int whence) {
    auto& file = *static_cast<os::OutputFile*>(opaque);
    if (whence != SEEK_SET) {
        return AVERROR(ENOSYS);
    }
    const auto sought = file.seek(position);
    return sought ? position : averror_of(sought.error());
}

}  // namespace

AvioPtr open_avio(os::OutputFile& file) {
    auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
    if (buffer == nullptr) {
        return nullptr;
    }
    AvioPtr context(avio_alloc_context(buffer, kBufferBytes, 1, &file, nullptr, write_bytes,
                                       file.seekable() ? seek_to : nullptr));
    if (!context) {
        av_free(buffer);
    }
    return context;
}

}  // namespace pf::sinks
