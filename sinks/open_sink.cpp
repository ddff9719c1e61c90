#include <algorithm>
#include <cctype>
#include <filesystem>

#include <pf/sinks/frame_sink.hpp>

#include "libav_handles.hpp"
#include "png_sink.hpp"
#include "queued_sink.hpp"
#include "raw_sink.hpp"
#include "video_file_sink.hpp"

namespace pf::sinks {

std::optional<SinkKind> kind_of_path(const std::string& path) {
    std::string extension = std::filesystem::path(path).extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (extension == ".mkv") {
        return SinkKind::matroska;
    }
    if (extension == ".mp4") {
        return SinkKind::mp4;
    }
    if (extension == ".png") {
        return SinkKind::png;
    }
    return extension == ".raw" ? std::optional(SinkKind::raw) : std::nullopt;
}

static os::Result<std::unique_ptr<FrameSink>> open_direct(const SinkOptions& options) {
    switch (kind_of_path(options.path).value()) {
        case SinkKind::png: return PngSink::open(options);
        case SinkKind::raw: return RawSink::open(options);
        case SinkKind::matroska:
        case SinkKind::mp4: break;
    }
    return VideoFileSink::open(options);
}

os::Result<std::unique_ptr<FrameSink>> open_sink(const SinkOptions& options) {
    if (!kind_of_path(options.path)) {
        return os::fail("open output file", 0, os::Reaction::reject,
                        options.path + ": name it .mkv, .mp4, .png or .raw");
    }
    auto sink = open_direct(options);
    if (!sink) {
        return sink;
    }
    return std::make_unique<QueuedSink>(std::move(*sink));
}

void silence_libraries() {
    av_log_set_level(AV_LOG_QUIET);
}

}  // namespace pf::sinks
