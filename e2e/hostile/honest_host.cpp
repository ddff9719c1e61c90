#include "honest_host.hpp"

#include <pf/host/host.hpp>
#include <pf/os/clock.hpp>
#include <pf/pattern/stamp.hpp>

namespace pf::hostile {

HonestOutcome capture_whole_frames(const std::string& instance,
                                   const std::function<bool(std::uint64_t)>& enough) {
    HonestOutcome outcome;
    host::SessionOptions options;
    options.mode = {64, 48, 120};
    options.instance = instance;
    options.attach_timeout_ns = 60 * os::kSecond;
    // A busy machine is no reason; a driver that a neighbour stopped is.
    options.unresponsive_after_ns = 15 * os::kSecond;
    auto session = host::Session::open(options);
    if (!session) {
        outcome.error = session.error().message();
        return outcome;
    }
    const std::int64_t patience_ns = 60 * os::kSecond;
    std::int64_t deadline_ns = os::deadline_after(patience_ns);
    while (!enough(outcome.frames)) {
        const auto next = (*session)->next(os::deadline_after(100 * os::kMillisecond));
        if (!next) {
            outcome.error = next.error().message();
            break;
        }
        if (next->kind == host::NextKind::frame) {
            const host::FrameView& view = next->frame.view();
            const auto seen = pattern::verify(
                {view.pixels(), std::size_t{view.pitch_bytes()} * view.height}, view.pitch_bytes(),
                view.width, view.height, 4, view.target_id, view.source_sequence);
            ++outcome.frames;
            outcome.not_whole += seen.whole ? 0 : 1;
            deadline_ns = os::deadline_after(patience_ns);
        }
        outcome.rebuilds += next->kind == host::NextKind::rebuilt ? 1 : 0;
        if (os::now_ns() >= deadline_ns) {
            outcome.error = "no frame for a minute";
            break;
        }
    }
    return outcome;
}

}  // namespace pf::hostile
