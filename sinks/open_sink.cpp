#include <algorithm>
#include <cctype>
#include <exception>
#include <filesystem>

#include <pf/sinks/frame_sink.hpp>

#include "png_sink.hpp"
#include "queued_sink.hpp"
#include "raw_sink.hpp"
#include "video_sink.hpp"

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

std::optional<SinkKind> kind_of(const SinkOptions& options) {
    if (options.kind) {
        return options.kind;
    }
    return options.path == kStandardOutput ? SinkKind::matroska : kind_of_path(options.path);
}

namespace {

using File = std::shared_ptr<os::OutputFile>;

os::Result<File> open_file(const SinkOptions& options) {
    return options.path == kStandardOutput
               ? os::OutputFile::standard_output()
               : os::OutputFile::open(options.path, {options.open_deadline_ns, options.cancel});
}

os::Result<std::unique_ptr<FrameSink>> open_direct(const SinkOptions& options, SinkKind kind,
                                                   const File& file) {
    switch (kind) {
        case SinkKind::png: return PngSink::open(file);
        case SinkKind::raw: return RawSink::open(options, file);
        case SinkKind::matroska:
        case SinkKind::mp4: break;
    }
    return open_video(options, file);
}

os::Result<std::unique_ptr<FrameSink>> open_queued(const SinkOptions& options) {
    constexpr const char* kOpen = "open output file";
    const auto kind = kind_of(options);
    if (!kind) {
        return os::fail(kOpen, 0, os::Reaction::reject,
                        options.path +
                            ": name it .mkv, .mp4, .png or .raw, or say which with "
                            "--container");
    }
    if (*kind != SinkKind::png &&
        (options.mode.width == 0 || options.mode.height == 0 || options.mode.millihertz() == 0)) {
        return os::fail(kOpen, 0, os::Reaction::bug, options.path + ": no size or rate is given");
    }
    auto file = open_file(options);
    if (!file) {
        return tl::unexpected(file.error());
    }
    auto sink = open_direct(options, *kind, *file);
    if (!sink) {
        if ((*file)->created()) {
            (void)(*file)->remove();  // a name without content helps nobody
        }
        return sink;
    }
    return QueuedSink::start(std::move(*sink), std::move(*file));
}

}  // namespace

os::Result<std::unique_ptr<FrameSink>> open_sink(const SinkOptions& options) {
    try {
        auto sink = open_queued(options);
        if (!sink && sink.error().reaction != os::Reaction::fallback) {
            sink.error().reaction = os::Reaction::reject;
        }
        return sink;
    } catch (const std::exception& error) {  // no memory, no thread
        return os::fail("open output file", 0, os::Reaction::reject,
                        options.path + ": " + error.what());
    }
}

void silence_libraries() {
    silence_video_library();
}

}  // namespace pf::sinks
