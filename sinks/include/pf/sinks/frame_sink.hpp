// What a frame can become: open, push, close. A sink is owned by whoever opened it and used from
// one thread; encoding runs on a thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <pf/host/frame.hpp>
#include <pf/host/mode.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/result.hpp>

namespace pf::sinks {

enum class SinkKind {
    matroska,  // video
    mp4,       // video
    png,       // the last frame
    raw,       // every frame's rows, tight
};

enum class VideoCodec {
    h264,  // lossy
    ffv1,  // lossless for bgra8 and rgb10a2; Matroska only
};

// Of H.264. What every player takes is 4:2:0, whose sizes are even: an odd one gets its edge twice.
enum class Chroma { yuv420, yuv444 };

// What the display said of itself, for HDR files: SMPTE ST 2086, CTA-861.3. 0: not known; without
// a maximum, what an EDID of ours says by itself.
struct LightLevels {
    std::uint32_t max_nits = 0;
    std::uint32_t max_frame_avg_nits = 0;
    std::uint32_t min_millinits = 0;
};

inline constexpr const char* kStandardOutput = "-";  // as a path; a file of that name is "./-"

struct SinkOptions {
    std::string path;
    // The size and nominal rate of a video and of raw frames. A frame of another size is scaled to
    // fit in, centred on black.
    host::Mode mode;
    host::PixelFormat format = host::PixelFormat::bgra8;
    std::optional<VideoCodec> codec = {};  // of a video; default h264
    Chroma chroma = Chroma::yuv420;
    std::optional<SinkKind> kind = {};  // default: by the path; standard output is Matroska
    LightLevels light = {};
    // Told, one line each, what the output has that was not asked for (an even size, a scaled
    // frame), once. From the thread that opens and from the writer's.
    std::function<void(const std::string& line)> note = {};
    // How long to wait for the reader of a FIFO.
    const os::Flag* cancel = nullptr;  // outlives open_sink()
    std::int64_t open_deadline_ns = os::kNever;
};

class FrameSink {
public:
    virtual ~FrameSink() = default;

    // Shares the loan of the frame until it is written. When the writer is two frames behind, this
    // waits for it, so every pushed frame is in the file; at most four slots are out on loan, with
    // the picture that is shown again. Only a reader of a FIFO or a pipe is not waited for longer
    // than a second: the oldest waiting frame is dropped then.
    // An error is final and comes back from every later call: the output is lost, the frame is not.
    virtual os::Result<void> push(const host::Frame& frame) = 0;

    // Nothing new came until `now_ns` (os::now_ns()). Called every 250 ms or so, it keeps a video
    // complete up to the last second and a key frame in each two seconds while the picture stands.
    virtual os::Result<void> idle(std::int64_t now_ns) = 0;

    // Ends the output; the last frame of a video lasts until `end_ns` (os::now_ns()). A sink that
    // is destroyed instead ends with its last frame. Success: all of it was written. A reader that
    // takes nothing for two seconds is given up with an error.
    virtual os::Result<void> close(std::int64_t end_ns) = 0;

    // Pushed and not written, because a reader was too slow.
    virtual std::uint64_t dropped() const { return 0; }
};

// Opens the file at once, so that a path that cannot be written fails here; what it held is
// replaced by the first byte that a video or raw frames write, and by a picture when it is whole.
// Errors name the path. Their reaction is fallback where this system's libavcodec lacks an encoder
// and the detail says what to use, else reject.
os::Result<std::unique_ptr<FrameSink>> open_sink(const SinkOptions& options);

// By the extension; nullopt: nothing that open_sink() can write.
std::optional<SinkKind> kind_of_path(const std::string& path);
// What `options` ask for: their kind, or the path's.
std::optional<SinkKind> kind_of(const SinkOptions& options);

// libav prints to stderr by itself; this ends that for the process. For main().
void silence_libraries();

}  // namespace pf::sinks
