// Where the frames of the Linux driver process come from. One source serves every monitor of the
// instance and runs its own threads. Called by the control thread, which it never makes wait for
// anybody else: what takes long is only begun, and the completer tells the end. What throws (no
// memory, no thread) has begun nothing, and leaves the completer alone or lets go of it.
#pragma once

#include <cstdint>
#include <memory>

#include <pf/core/adapter.hpp>

#include "completion_queue.hpp"
#include "monitor_output.hpp"

namespace pf::driver {

class FrameSource {
public:
    virtual ~FrameSource() = default;

    // Makes the monitor and starts publishing into `output`, which it holds until the monitor is
    // unplugged. May throw.
    virtual void plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output,
                      Completer&& done) = 0;
    // Changes the mode in place. On failure the old mode stays. May throw.
    virtual void set_mode(core::MonitorNumber number, const core::Mode& mode, Completer&& done) = 0;
    // Whether its frames can be of this format (proto::kFormat*); any thread. A ring of another one
    // is refused.
    virtual bool gives(std::uint32_t dxgi_format) const = 0;
    // Completes when nothing of the monitor is left and no thread of the source touches its output
    // any more; the same for a monitor that it does not know. Ends what is under way for it.
    virtual void unplug(core::MonitorNumber number, Completer&& done) noexcept = 0;
};

}  // namespace pf::driver
