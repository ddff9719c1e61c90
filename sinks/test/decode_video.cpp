#include "decode_video.hpp"

#include <stdexcept>

namespace pf::sinks::test {
namespace {

void check(int code, const char* what) {
    if (code < 0) {
        throw std::runtime_error(fail_libav("decode", code, what).value().detail);
    }
}

}  // namespace

Decoded decode_video(const std::string& path) {
    AVFormatContext* context = nullptr;
    check(avformat_open_input(&context, ("file:" + path).c_str(), nullptr, nullptr), "open");
    InputPtr input(context);
    check(avformat_find_stream_info(context, nullptr), "stream info");
    const AVStream& stream = *context->streams[0];
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    CodecPtr decoder(avcodec_alloc_context3(codec));
    check(avcodec_parameters_to_context(decoder.get(), stream.codecpar), "parameters");
    check(avcodec_open2(decoder.get(), codec, nullptr), "decoder");

    Decoded out;
    const auto take = [&] {
        for (AvFramePtr frame(av_frame_alloc());
             avcodec_receive_frame(decoder.get(), frame.get()) >= 0;
             frame.reset(av_frame_alloc())) {
            out.at_s.push_back(static_cast<double>(frame->best_effort_timestamp) *
                               av_q2d(stream.time_base));
            out.frames.push_back(std::move(frame));
        }
    };
    PacketPtr packet(av_packet_alloc());
    while (av_read_frame(context, packet.get()) >= 0) {
        check(avcodec_send_packet(decoder.get(), packet.get()), "packet");
        av_packet_unref(packet.get());
        take();
    }
    check(avcodec_send_packet(decoder.get(), nullptr), "drain");
    take();
    return out;
}

}  // namespace pf::sinks::test
