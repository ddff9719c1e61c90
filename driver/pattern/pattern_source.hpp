// Synthetic frames: proves that what arrives is whole, paces exactly, needs no desktop. Everything
// completes at once.
#pragma once

#include <memory>
#include <unordered_map>

#include "pattern_monitor.hpp"
#include "process/output/frame_source.hpp"

namespace pf::driver {

class PatternSource final : public FrameSource {
public:
    explicit PatternSource(const PatternOptions& options) : options_(options) {}

    void plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output,
              Completer&& done) override;
    void set_mode(core::MonitorNumber number, const core::Mode& mode, Completer&& done) override;
    bool gives(std::uint32_t dxgi_format) const override {
        return dxgi_format == options_.dxgi_format;
    }
    void unplug(core::MonitorNumber number, Completer&& done) noexcept override;

private:
    struct Plugged {
        std::shared_ptr<MonitorOutput> output;  // the monitor's
        std::unique_ptr<PatternMonitor> monitor;
    };

    PatternOptions options_;
    std::unordered_map<core::MonitorNumber, Plugged> monitors_;
};

}  // namespace pf::driver
