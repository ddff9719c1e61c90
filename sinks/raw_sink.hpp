// Every frame's rows, tight, one frame after another, in the ring's own pixel format. Each frame
// is one write, so that a reader has all of it at once.
#pragma once

#include <vector>

#include <pf/os/output_file.hpp>
#include <pf/sinks/frame_sink.hpp>

#include "output_note.hpp"
#include "picture_fit.hpp"

namespace pf::sinks {

class RawSink final : public FrameSink {
public:
    static os::Result<std::unique_ptr<FrameSink>> open(const SinkOptions& options,
                                                       std::shared_ptr<os::OutputFile> file);

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> idle(std::int64_t) override { return {}; }
    os::Result<void> close(std::int64_t end_ns) override;

private:
    RawSink(const SinkOptions& options, std::shared_ptr<os::OutputFile> file);

    PictureSize size_;
    host::PixelFormat format_;
    ScaleNote scale_note_;
    std::shared_ptr<os::OutputFile> file_;
    std::vector<std::byte> bytes_;  // of one frame
};

}  // namespace pf::sinks
