// The last frame as a PNG, written when the sink closes. bgra8 is 8-bit RGB; rgb10a2 is 16-bit RGB
// with a cICP chunk that says BT.2020 PQ; rgba16f is 16-bit sRGB, clipped to 0..1.
#pragma once

#include <vector>

#include <pf/sinks/frame_sink.hpp>

#include "output_file.hpp"

namespace pf::sinks {

class PngSink final : public FrameSink {
public:
    static os::Result<std::unique_ptr<FrameSink>> open(const SinkOptions& options);
    ~PngSink() override;

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> close(std::int64_t end_ns) override;

private:
    explicit PngSink(OutputFile file) : file_(std::move(file)) {}
    OutputFile file_;
    host::Frame last_;
    bool closed_ = false;
};

// The whole PNG, in memory.
os::Result<std::vector<std::byte>> encode_png(const host::FrameView& view);

}  // namespace pf::sinks
