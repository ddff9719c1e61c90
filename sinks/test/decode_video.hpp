// Decodes a video file wholly, for tests.
#pragma once

#include <string>
#include <vector>

#include "../libav_handles.hpp"

namespace pf::sinks::test {

struct Decoded {
    std::vector<AvFramePtr> frames;
    std::vector<double> at_s;
};

// Throws std::runtime_error when libav refuses any of it.
Decoded decode_video(const std::string& path);

}  // namespace pf::sinks::test
