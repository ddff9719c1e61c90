// Synthetic frames: proves that what arrives is whole, paces exactly, needs no desktop.
#pragma once

#include <memory>
#include <unordered_map>

#include "frame_source.hpp"
#include "pattern_monitor.hpp"

namespace pf::hostproc {

class PatternSource final : public FrameSource {
public:
    explicit PatternSource(const PatternOptions& options) : options_(options) {}

    os::Result<void> plug(const core::MonitorSpec& spec, MonitorOutput& output) override;
    os::Result<void> set_mode(std::uint32_t target_id, const core::Mode& mode) override;
    bool gives(std::uint32_t dxgi_format) const override {
        return dxgi_format == options_.dxgi_format;
    }
    void unplug(std::uint32_t target_id) override { monitors_.erase(target_id); }

private:
    PatternOptions options_;
    std::unordered_map<std::uint32_t, std::unique_ptr<PatternMonitor>> monitors_;  // by target
};

}  // namespace pf::hostproc
