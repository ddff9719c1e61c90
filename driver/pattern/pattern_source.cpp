#include "pattern_source.hpp"

namespace pf::driver {

void PatternSource::plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output,
                         Completer&& done) {
    auto monitor = PatternMonitor::start(spec.number, spec.mode, *output, options_);
    if (!monitor) {
        done.finish(tl::unexpected(std::move(monitor.error())));
        return;
    }
    monitors_.insert_or_assign(spec.number, Plugged{std::move(output), std::move(*monitor)});
    done.finish({});
}

void PatternSource::set_mode(core::MonitorNumber number, const core::Mode& mode, Completer&& done) {
    const auto found = monitors_.find(number);
    if (found == monitors_.end()) {
        done.finish(os::fail("set mode", 0, os::Reaction::bug, "no such monitor"));
        return;
    }
    found->second.monitor->set_mode(mode);
    done.finish({});
}

void PatternSource::unplug(core::MonitorNumber number, Completer&& done) noexcept {
    monitors_.erase(number);
    done.finish({});
}

}  // namespace pf::driver
