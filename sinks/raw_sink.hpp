// Every frame's rows, tight, one frame after another, in the ring's own pixel format.
#pragma once

#include <pf/sinks/frame_sink.hpp>

#include "output_file.hpp"

namespace pf::sinks {

class RawSink final : public FrameSink {
public:
    static os::Result<std::unique_ptr<FrameSink>> open(const SinkOptions& options);

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> close(std::int64_t end_ns) override;

private:
    explicit RawSink(OutputFile file) : file_(std::move(file)) {}
    OutputFile file_;
};

}  // namespace pf::sinks
