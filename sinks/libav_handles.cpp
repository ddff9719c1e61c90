#include "libav_handles.hpp"

namespace pf::sinks {

tl::unexpected<os::Error> fail_libav(const char* operation, int code, const std::string& what) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, text, sizeof text);
    return os::fail(operation, code, os::Reaction::reject, what + ": " + text);
}

}  // namespace pf::sinks
