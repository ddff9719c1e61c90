// The last frame as a PNG, written when the sink closes; until then an old file stays. bgra8 is
// 8-bit RGB; rgb10a2 is 16-bit RGB with a cICP chunk that says BT.2020 PQ; rgba16f is 16-bit sRGB,
// clipped to 0..1.
#pragma once

#include <vector>

#include <pf/os/output_file.hpp>
#include <pf/sinks/frame_sink.hpp>

namespace pf::sinks {

class PngSink final : public FrameSink {
public:
    static os::Result<std::unique_ptr<FrameSink>> open(std::shared_ptr<os::OutputFile> file);
    ~PngSink() override;

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> idle(std::int64_t) override { return {}; }
    os::Result<void> close(std::int64_t end_ns) override;

private:
    explicit PngSink(std::shared_ptr<os::OutputFile> file) : file_(std::move(file)) {}
    os::Result<void> replace_file(const std::vector<std::byte>& image);
    os::Result<void> leave_file(const os::Error& why);

    std::shared_ptr<os::OutputFile> file_;
    host::Frame last_;
    bool closed_ = false;
};

// The whole PNG, in memory.
os::Result<std::vector<std::byte>> encode_png(const host::FrameView& view);

}  // namespace pf::sinks
