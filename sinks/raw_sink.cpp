#include "raw_sink.hpp"

#include "pixel_size.hpp"

namespace pf::sinks {

RawSink::RawSink(const SinkOptions& options, std::shared_ptr<os::OutputFile> file)
    : size_{options.mode.width, options.mode.height},
      format_(options.format),
      scale_note_(options),
      file_(std::move(file)),
      bytes_(std::size_t{size_.width} * size_.height * bytes_per_pixel(format_)) {}

os::Result<std::unique_ptr<FrameSink>> RawSink::open(const SinkOptions& options,
                                                     std::shared_ptr<os::OutputFile> file) {
    if (auto emptied = file->truncate(); !emptied) {
        return tl::unexpected(emptied.error());
    }
    return std::unique_ptr<FrameSink>(new RawSink(options, std::move(file)));
}

os::Result<void> RawSink::push(const host::Frame& frame) {
    const host::FrameView& view = frame.view();
    if (view.format != format_) {
        return os::fail("write output file", 0, os::Reaction::reject,
                        file_->name() + ": a frame of another pixel format came");
    }
    scale_note_.look(view);
    const std::size_t bytes = bytes_per_pixel(format_);
    if (PictureSize{view.width, view.height} == size_) {
        repeat_edge({view.pixels(), view.pitch_bytes(), size_}, bytes, bytes_.data(),
                    size_.width * bytes, size_);
    } else {
        scale_nearest(view, bytes, bytes_.data(), size_);
    }
    auto written = file_->write(bytes_);
    if (!written && !file_->has_reader()) {
        written.error().detail += "; the frames before are whole";
    }
    return written;
}

os::Result<void> RawSink::close(std::int64_t) {
    return file_->close();
}

}  // namespace pf::sinks
