#include "capture_summary.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pf::cli {
std::string to_text(const CaptureSummary& s) {
    std::string text = fmt::format(
        "{} frames of {} from '{}' (protocol {}, pid {}) in {:.1f} s: {:.1f} fps\n"
        "time after publish: p50 {:.0f} us, p99 {:.0f} us, max {:.0f} us; first frame {:.1f} ms\n"
        "dropped {}, skipped {}, timeouts {}, rebuilds {}\n",
        s.frames, host::to_string(s.session.mode), s.session.instance, s.session.protocol,
        s.session.driver_pid, s.seconds, s.fps(), s.latency_us.p50, s.latency_us.p99,
        s.latency_us.max, s.first_frame_ms, s.session.dropped, s.session.skipped, s.timeouts,
        s.session.rebuilds);
    for (std::size_t i = 0; i < s.rebuild_log.size(); ++i) {
        const RebuildRecord& rebuild = s.rebuild_log[i];
        text += fmt::format("rebuild {} ({}): attached again after {:.1f} ms", i + 1,
                            rebuild.reason, rebuild.recovery_ms);
        text += rebuild.fresh_frame_ms >= 0
                    ? fmt::format(", picture after {:.1f} ms\n", rebuild.fresh_frame_ms)
                    : "\n";
    }
    if (s.verified) {
        text +=
            fmt::format("verified: torn {}, stale {}, foreign {}\n", s.torn, s.stale, s.foreign);
    }
    if (s.output_dropped > 0) {
        text += fmt::format("dropped {} more: the reader of the output was too slow\n",
                            s.output_dropped);
    }
    if (!s.output.empty()) {
        text += fmt::format("wrote {}\n", s.output);
    }
    return text;
}

}  // namespace pf::cli
