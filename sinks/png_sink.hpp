// The last frame as a PNG (png_image.hpp), written when the sink closes; until then an old file
// stays.
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

}  // namespace pf::sinks
