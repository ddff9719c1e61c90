#include "session/attacher.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "capture/handle_broker.hpp"
#include "session/attach_verdict.hpp"

namespace pf::host {
namespace {

// The status word has no wake-up of its own.
constexpr std::int64_t kStatusLookNs = os::kMillisecond;

// Nothing that the driver does in the ring ends a wait here early, or one that tells no status
// would make it spin.
os::Result<void> wait_opened(const RingReader& reader, const os::Remark& remark,
                             const Monitor& monitor, std::int64_t deadline_ns,
                             const StopSignal& stop) {
    for (;;) {
        const DriverWords words = reader.driver_words();
        switch (attach_state(words.status)) {
            case AttachState::opened: return {};
            case AttachState::failed:
                return os::fail("attach", kAttachFailed,
                                remark.final ? os::Reaction::reject : os::Reaction::fallback,
                                attach_failure(words.status, words.detail, remark.line));
            case AttachState::waiting: break;
        }
        if (stop.stopped()) {
            return closed("attach");
        }
        if (!monitor.connection->usable()) {
            return os::fail("attach", kDriverLost, os::Reaction::reopen,
                            "the driver died while it opened the ring");
        }
        const std::int64_t now_ns = os::now_ns();
        if (now_ns >= deadline_ns) {
            return os::fail("attach", kAttachTimeout, os::Reaction::retry,
                            attach_timeout(words.detail));
        }
        stop.wait_until(std::min(deadline_ns, now_ns + kStatusLookNs));
    }
}

}  // namespace

std::uint32_t RingGenerations::next() {
    const std::lock_guard lock(mutex_);
    last_ = proto::next_generation(last_);
    return last_;
}

std::shared_ptr<const Attachment> Attacher::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

os::Result<std::shared_ptr<const Attachment>> Attacher::attach(const AttachRequest& request) {
    const auto lock = lock_patiently(attach_mutex_, &request.stop);
    if (!lock.owns_lock()) {
        return closed("attach");
    }
    const auto before = current();
    if (before != nullptr && before->epoch != request.seen_epoch &&
        before->monitor.incarnation == request.monitor.incarnation &&
        before->monitor.mode == request.monitor.mode) {
        return before;
    }
    auto pointer = deliver_pointer(request.monitor, request.stop);
    if (!pointer) {
        return tl::unexpected(pointer.error());
    }
    auto delivered = deliver(request.monitor, request.stop);
    if (!delivered) {
        return tl::unexpected(delivered.error());
    }
    const auto opened = wait_opened(*delivered->reader, delivered->remark, request.monitor,
                                    os::deadline_after(request.timeout_ns), request.stop);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    auto attachment = std::make_shared<const Attachment>(
        Attachment{before == nullptr ? 1 : before->epoch + 1, request.reason, request.monitor,
                   std::move(delivered->reader), std::move(*pointer), os::now_ns()});
    {
        const std::lock_guard current_lock(mutex_);
        current_ = attachment;
    }
    if (before != nullptr) {
        before->reader->interrupt();  // sessions that wait there move over
    }
    return attachment;
}

os::Result<Attacher::Delivered> Attacher::deliver(const Monitor& monitor, const StopSignal& stop) {
    auto ring = FrameRing::create({.width = monitor.mode.width,
                                   .height = monitor.mode.height,
                                   .format = format_,
                                   .light = monitor.light,
                                   .target_id = monitor.target_id,
                                   .generation = generations_.next()});
    if (!ring) {
        return tl::unexpected(ring.error());
    }
    const FrameRing& delivered = **ring;
    auto reader = RingReader::create(std::move(*ring));
    if (!reader) {
        return tl::unexpected(reader.error());
    }
    auto remark = deliver_ring(*monitor.connection, delivered, &stop);
    if (!remark) {
        return tl::unexpected(remark.error());
    }
    (*reader)->drop_header_region();
    return Delivered{std::move(*reader), std::move(*remark)};
}

// Null when the frames show the pointer, or the driver takes no channel.
os::Result<std::shared_ptr<CursorReader>> Attacher::deliver_pointer(const Monitor& monitor,
                                                                    const StopSignal& stop) {
    if (!monitor.cursor_excluded || !monitor.connection->has_cursor_channel()) {
        return std::shared_ptr<CursorReader>{};
    }
    auto cursor = CursorReader::create();
    if (!cursor) {
        return tl::unexpected(cursor.error());
    }
    const auto sent =
        deliver_cursor(*monitor.connection, (*cursor)->region(), monitor.target_id, &stop);
    if (!sent) {
        if (sent.error().reaction == os::Reaction::reopen) {
            return tl::unexpected(sent.error());
        }
        return std::shared_ptr<CursorReader>{};
    }
    return std::shared_ptr<CursorReader>(std::move(*cursor));
}

}  // namespace pf::host
