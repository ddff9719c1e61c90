// What a frame can become: open, push, close. A sink is owned by whoever opened it and used from
// one thread; encoding runs on a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <pf/host/frame.hpp>
#include <pf/host/mode.hpp>
#include <pf/os/result.hpp>

namespace pf::sinks {

enum class VideoCodec {
    h264,  // lossy. Even sizes are 4:2:0; an odd width or height is 4:4:4, which keeps it exact
    ffv1,  // lossless for bgra8 and rgb10a2; Matroska only
};

struct SinkOptions {
    std::string path;  // .mkv, .mp4: video; .png: the last frame; .raw: every frame's rows, tight
    host::Mode mode;   // size and nominal rate of a video; later frames of another size are scaled
    host::PixelFormat format = host::PixelFormat::bgra8;
    std::optional<VideoCodec> codec;  // of a video; default h264
};

class FrameSink {
public:
    virtual ~FrameSink() = default;

    // Shares the loan of the frame until it is written. When the writer is two frames behind this
    // waits for it, so every pushed frame is in the file and at most three slots are out on loan.
    // An error is final and comes back from every later call: the output is lost, the frame is not.
    virtual os::Result<void> push(const host::Frame& frame) = 0;

    // Ends the output; the last frame of a video lasts until `end_ns` (os::now_ns()). A sink that
    // is destroyed instead ends with its last frame.
    virtual os::Result<void> close(std::int64_t end_ns) = 0;
};

// By the path's extension. Creates or truncates the file at once, so that a path that cannot be
// written fails here. Errors have reaction reject and name the path.
os::Result<std::unique_ptr<FrameSink>> open_sink(const SinkOptions& options);

// nullopt: nothing that open_sink() can write.
enum class SinkKind { matroska, mp4, png, raw };
std::optional<SinkKind> kind_of_path(const std::string& path);

// libav prints to stderr by itself; this ends that for the process. For main().
void silence_libraries();

}  // namespace pf::sinks
