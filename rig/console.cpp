#include <pf/rig/console.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/interrupt.hpp>
#include <pf/os/stream.hpp>

namespace pf::rig {
namespace {

constexpr std::int64_t kLastWords = os::kSecond;           // for the reader of an error
constexpr std::int64_t kAfterInterrupt = 5 * os::kSecond;  // for the reader of what was asked for
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

os::Result<void> write_output(std::string_view text) {
    const auto cancel = os::interrupt_flag();
    if (!cancel) {
        return tl::unexpected(cancel.error());
    }
    return os::interrupted()
               ? os::write_stream(os::Stream::output, text, os::deadline_after(kAfterInterrupt))
               : os::write_stream(os::Stream::output, text, os::kNever, *cancel);
}

int print(std::string_view who, std::string_view text) {
    const bool before = os::interrupted();
    const auto written = write_output(text);
    if (written) {
        return to_int(ExitCode::done);
    }
    return !before && os::interrupted() ? to_int(ExitCode::interrupted)
                                        : report(who, ExitCode::output, written.error());
}

void print_aside(std::string_view text) noexcept try {
    (void)os::write_stream(os::Stream::error, text, 0);
} catch (...) {  // no memory to say why
}

int report(std::string_view who, ExitCode code, std::string_view text) {
    std::string line = fmt::format("{}: {}", who, text);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
    (void)os::write_stream(os::Stream::error, line + '\n', os::deadline_after(kLastWords));
    return to_int(code);
}

int report(std::string_view who, ExitCode code, const os::Error& error) {
    return report(who, code, error.message());
}

Progress::Progress() : live_(os::is_terminal(os::Stream::error)) {}

void Progress::show(std::int64_t now_ns, std::string_view text) {
    if (!due(now_ns)) {
        return;
    }
    next_ns_ = now_ns + os::kSecond / 8;
    shown_ = true;
    print_aside(fmt::format("{}{}", kClearLine, text));
}

void Progress::clear() noexcept {
    if (shown_) {
        print_aside(kClearLine);
        shown_ = false;
    }
}

}  // namespace pf::rig
