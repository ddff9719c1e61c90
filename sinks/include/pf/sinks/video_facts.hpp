// What a video file says about itself, read back.
#pragma once

#include <cstdint>
#include <string>

#include <pf/os/result.hpp>

namespace pf::sinks {

struct VideoFacts {
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    double rate_hz = 0;        // nominal; 0: it names none
    double duration_s = 0;     // of the file
    double longest_gap_s = 0;  // between two frames
    std::uint64_t frames = 0;
    std::string codec;  // libav's name
};

// A player gets as far as its pictures; reads no more than the indexes.
bool opens_as_video(const std::string& path);

// Decodes no more than its first picture.
os::Result<VideoFacts> read_video_facts(const std::string& path);

}  // namespace pf::sinks
