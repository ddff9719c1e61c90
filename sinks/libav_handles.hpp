// Owners of libav objects, and its errors as ours.
#pragma once

#include <memory>
#include <string>

#include <pf/os/result.hpp>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace pf::sinks {

struct LibavDelete {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(SwsContext* context) const { sws_freeContext(context); }
};

using CodecPtr = std::unique_ptr<AVCodecContext, LibavDelete>;
using AvFramePtr = std::unique_ptr<AVFrame, LibavDelete>;
using PacketPtr = std::unique_ptr<AVPacket, LibavDelete>;
using ScalerPtr = std::unique_ptr<SwsContext, LibavDelete>;

// Whoever gave it an AVIOContext keeps that.
struct OutputDelete {
    void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
using OutputPtr = std::unique_ptr<AVFormatContext, OutputDelete>;

struct InputDelete {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using InputPtr = std::unique_ptr<AVFormatContext, InputDelete>;

// `code` is an AVERROR; the detail is "<what>: <libav's text>". The error's code is the errno that
// it stands for, or 0.
tl::unexpected<os::Error> fail_libav(const char* operation, int code, const std::string& what);
// libav gave null instead of an object.
tl::unexpected<os::Error> fail_memory(const char* operation, const std::string& what);

}  // namespace pf::sinks
