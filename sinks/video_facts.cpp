#include <algorithm>
#include <filesystem>

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

// What the stream says of its own rate, in the parameter sets that its first picture needs: frames
// come when they come, so any guess from their times is one. 0: nothing.
double nominal_rate(AVFormatContext& input, const AVStream& stream) {
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    const CodecPtr decoder(avcodec_alloc_context3(codec));
    const PacketPtr packet(av_packet_alloc());
    if (codec == nullptr || !decoder || !packet ||
        avcodec_parameters_to_context(decoder.get(), stream.codecpar) < 0 ||
        avcodec_open2(decoder.get(), codec, nullptr) < 0) {
        return 0;
    }
    bool seen = false;
    while (!seen && av_read_frame(&input, packet.get()) >= 0) {
        seen = packet->stream_index == stream.index;
        if (seen) {
            (void)avcodec_send_packet(decoder.get(), packet.get());
        }
        av_packet_unref(packet.get());
    }
    av_seek_frame(&input, -1, 0, AVSEEK_FLAG_BACKWARD);
    return decoder->framerate.den != 0 ? av_q2d(decoder->framerate) : 0;
}

os::Result<InputPtr> open_input(const std::string& path) {
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(path, unreadable)) {  // a FIFO would be waited for
        return os::fail(kRead, unreadable.value(), os::Reaction::reject,
                        path + ": no regular file");
    }
    AVFormatContext* context = nullptr;
    const int code = avformat_open_input(&context, ("file:" + path).c_str(), nullptr, nullptr);
    if (code < 0) {
        return fail_libav(kRead, code, path);
    }
    return InputPtr(context);
}

}  // namespace

bool opens_as_video(const std::string& path) {
    return open_input(path).has_value();
}

os::Result<VideoFacts> read_video_facts(const std::string& path) {
    auto input = open_input(path);
    if (!input) {
        return tl::unexpected(input.error());
    }
    AVFormatContext* context = input->get();
    if (const int code = avformat_find_stream_info(context, nullptr); code < 0) {
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
    facts.rate_hz = nominal_rate(*context, stream);
    facts.codec = avcodec_get_name(stream.codecpar->codec_id);
    measure(*context, stream, facts);
    return facts;
}

}  // namespace pf::sinks
