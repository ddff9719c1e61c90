#include "libav_handles.hpp"

namespace pf::sinks {

tl::unexpected<os::Error> fail_libav(const char* operation, int code, const std::string& what) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, text, sizeof text);
    // An AVERROR is a negative errno or a tag of four letters, which means nothing to anybody else.
    constexpr int kLargestErrno = 4095;
    const int number = code < 0 && code >= -kLargestErrno ? AVUNERROR(code) : 0;
    return os::fail(operation, number, os::Reaction::reject, what + ": " + text);
}

tl::unexpected<os::Error> fail_memory(const char* operation, const std::string& what) {
    return fail_libav(operation, AVERROR(ENOMEM), what);
}

}  // namespace pf::sinks
