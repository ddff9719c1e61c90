#include "console.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/program.hpp>

namespace pf::cli {

int report(std::string_view verb, ExitCode code, std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
    fmt::print(stderr, "pfvd{}{}: {}\n", verb.empty() ? "" : " ", verb, line);
    return to_int(code);
}

int report(std::string_view verb, ExitCode code, const os::Error& error) {
    return report(verb, code, error.message());
}

Progress::Progress() : live_(os::is_terminal(os::Stream::error)) {}

void Progress::show(std::int64_t now_ns, std::string_view text) {
    if (!due(now_ns)) {
        return;
    }
    next_ns_ = now_ns + os::kSecond / 8;
    shown_ = true;
    fmt::print(stderr, "\r\x1b[K{}", text);
    std::fflush(stderr);
}

void Progress::clear() {
    if (shown_) {
        fmt::print(stderr, "\r\x1b[K");
        std::fflush(stderr);
        shown_ = false;
    }
}

}  // namespace pf::cli
