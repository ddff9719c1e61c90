#include <algorithm>

#include <pf/sinks/video_facts.hpp>

#include "libav_handles.hpp"

namespace pf::sinks {
namespace {

constexpr const char* kRead = "read video file";

// Walks every packet: counts the frames, finds the longest gap and the end.
void measure(AVFormatContext& input, const AVStream& stream, VideoFacts& facts) {
    const PacketPtr packet(av_packet_alloc());
    if (!packet) {
        return;
    }
    const double tick_s = av_q2d(stream.time_base);
    double last_s = 0;
    while (av_read_frame(&input, packet.get()) >= 0) {
        if (packet->stream_index == stream.index) {
            const double at_s = static_cast<double>(packet->pts) * tick_s;
            if (facts.frames++ > 0) {
                facts.longest_gap_s = std::max(facts.longest_gap_s, at_s - last_s);
            }
            last_s = at_s;
        }
        av_packet_unref(packet.get());
    }
    facts.duration_s =
        input.duration > 0 ? static_cast<double>(input.duration) / AV_TIME_BASE : last_s;
}

}  // namespace

os::Result<VideoFacts> read_video_facts(const std::string& path) {
    AVFormatContext* context = nullptr;
    int code = avformat_open_input(&context, ("file:" + path).c_str(), nullptr, nullptr);
    if (code < 0) {
        return fail_libav(kRead, code, path);
    }
    InputPtr input(context);
    if (code = avformat_find_stream_info(context, nullptr); code < 0) {
        return fail_libav(kRead, code, path);
    }
    const int index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0) {
        return fail_libav(kRead, index, path + ": no video");
    }
    const AVStream& stream = *context->streams[index];
    VideoFacts facts;
    facts.width = static_cast<std::uint32_t>(stream.codecpar->width);
    facts.height = static_cast<std::uint32_t>(stream.codecpar->height);
    facts.rate_hz = stream.r_frame_rate.den != 0 ? av_q2d(stream.r_frame_rate) : 0;
    facts.codec = avcodec_get_name(stream.codecpar->codec_id);
    measure(*context, stream, facts);
    return facts;
}

}  // namespace pf::sinks
