#include "raw_sink.hpp"

#include "pixel_size.hpp"

namespace pf::sinks {

os::Result<std::unique_ptr<FrameSink>> RawSink::open(const SinkOptions& options) {
    auto file = OutputFile::open(options.path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    return std::unique_ptr<FrameSink>(new RawSink(std::move(*file)));
}

os::Result<void> RawSink::push(const host::Frame& frame) {
    const host::FrameView& view = frame.view();
    const std::size_t row_bytes = std::size_t{view.width} * bytes_per_pixel(view.format);
    for (std::size_t y = 0; y < view.height; ++y) {
        if (auto written = file_.write({view.pixels + y * view.pitch_bytes, row_bytes}); !written) {
            return written;
        }
    }
    return {};
}

os::Result<void> RawSink::close(std::int64_t) {
    return file_.close();
}

}  // namespace pf::sinks
