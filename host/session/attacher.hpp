// Attaches the rings of one monitor, for all sessions of this host on it: the ring at the driver is
// one, so there is one reader here, replaced whole when the monitor or its mode changes.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include <pf/host/session.hpp>

#include "capture/cursor_reader.hpp"
#include "capture/ring_reader.hpp"
#include "device/stop_signal.hpp"
#include "monitor/monitor.hpp"

namespace pf::host {

// Ring generations of one host process, so that no two rings of it share one.
class RingGenerations {
public:
    std::uint32_t next();

private:
    std::mutex mutex_;
    std::uint32_t last_ = 0;
};

// A delivered ring that the driver opened. Never changes.
struct Attachment {
    std::uint64_t epoch = 0;  // counts within the attacher, from 1
    RebuildReason reason{};   // why it replaced the one before
    Monitor monitor;
    std::shared_ptr<RingReader> reader;
    std::shared_ptr<CursorReader> cursor;  // null: the pointer is in the frames
    std::int64_t attached_ns = 0;
};

class Attacher {
public:
    Attacher(PixelFormat format, RingGenerations& generations)
        : format_(format), generations_(generations) {}

    PixelFormat format() const { return format_; }
    std::shared_ptr<const Attachment> current() const;  // null before the first

    struct AttachRequest {
        const Monitor& monitor;
        std::uint64_t seen_epoch = 0;  // of the attachment that is to be replaced
        RebuildReason reason{};
        std::int64_t timeout_ns = 0;
        const StopSignal& stop;
    };
    // Delivers a new ring and waits until the driver opened it; or what another session attached
    // meanwhile, if it is of the same monitor and mode.
    os::Result<std::shared_ptr<const Attachment>> attach(const AttachRequest& request);

private:
    struct Delivered {
        std::shared_ptr<RingReader> reader;
        os::Remark remark;  // the driver's, about the ring
    };
    os::Result<Delivered> deliver(const Monitor& monitor, const StopSignal& stop);
    os::Result<std::shared_ptr<CursorReader>> deliver_pointer(const Monitor& monitor,
                                                              const StopSignal& stop);

    const PixelFormat format_;
    RingGenerations& generations_;
    std::mutex attach_mutex_;  // one delivery at a time; taken before mutex_
    mutable std::mutex mutex_;
    std::shared_ptr<const Attachment> current_;  // mutex_
};

}  // namespace pf::host
