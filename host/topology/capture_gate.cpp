#include "topology/capture_gate.hpp"

#include <pf/os/clock.hpp>

namespace pf::host {

namespace {

constexpr std::int64_t kDarkNs = 3 * os::kSecond;
// A driver's first frame comes within some ten milliseconds of the first change of the desktop.
constexpr std::int64_t kFirstFrameNs = 1 * os::kSecond;
constexpr std::int64_t kAfterWakeNs = 3 * os::kSecond;

bool is_of(const std::optional<FrameOrigin>& frame, const DisplayPath& path) {
    return frame && frame->target == path.target && path.source_mode &&
           frame->width == path.source_mode->width && frame->height == path.source_mode->height;
}

std::int64_t start(std::optional<std::int64_t>& since_ns, std::int64_t now_ns) {
    return since_ns ? *since_ns : since_ns.emplace(now_ns);
}

}  // namespace

CaptureGate::Verdict CaptureGate::run_out(Verdict verdict) {
    return run_out_.emplace(verdict);
}

CaptureGate::Verdict CaptureGate::look(const DisplayPaths* seen,
                                       const std::optional<FrameOrigin>& newest,
                                       std::int64_t now_ns) {
    if (run_out_) {
        return *run_out_;
    }
    const DisplayPath* path = seen != nullptr ? find_active(*seen, target_) : nullptr;
    if (path == nullptr) {
        lit_since_ns_.reset();
        const bool stays_dark = now_ns - start(dark_since_ns_, now_ns) >= kDarkNs;
        return stays_dark ? run_out(Verdict::not_active) : Verdict::wait;
    }
    dark_since_ns_.reset();
    return judge(*path, newest, now_ns);
}

CaptureGate::Verdict CaptureGate::judge(const DisplayPath& path,
                                        const std::optional<FrameOrigin>& newest,
                                        std::int64_t now_ns) {
    if (is_of(newest, path)) {
        lit_since_ns_.reset();
        return Verdict::open;
    }
    if (now_ns - start(lit_since_ns_, now_ns) < kFirstFrameNs) {
        return Verdict::wait;
    }
    if (!woken_ns_) {
        woken_ns_ = now_ns;
        return Verdict::wake;
    }
    return now_ns - *woken_ns_ >= kAfterWakeNs ? run_out(Verdict::no_picture) : Verdict::wait;
}

}  // namespace pf::host
