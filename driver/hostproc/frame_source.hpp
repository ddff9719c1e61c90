// Where the frames of the Linux driver process come from. One source serves every monitor of the
// instance and runs its own threads.
#pragma once

#include <cstdint>
#include <memory>

#include <pf/core/adapter.hpp>
#include <pf/os/result.hpp>

#include "monitor_output.hpp"

namespace pf::hostproc {

class FrameSource {
public:
    virtual ~FrameSource() = default;

    // Makes the monitor and starts publishing into `output`, which lives until unplug() returned.
    virtual os::Result<void> plug(const core::MonitorSpec& spec, MonitorOutput& output) = 0;
    // Changes the mode in place. On failure the old mode stays.
    virtual os::Result<void> set_mode(std::uint32_t target_id, const core::Mode& mode) = 0;
    // Whether its frames can be of this format (proto::kFormat*); any thread. A ring of another one
    // is refused.
    virtual bool gives(std::uint32_t dxgi_format) const = 0;
    // Returns when no thread of the source touches the monitor's output any more.
    virtual void unplug(std::uint32_t target_id) = 0;
};

}  // namespace pf::hostproc
