#include "pattern_source.hpp"

#include <exception>

namespace pf::hostproc {

os::Result<void> PatternSource::plug(const core::MonitorSpec& spec, MonitorOutput& output) {
    auto stop = os::Flag::create();
    if (!stop) {
        return tl::unexpected(stop.error());
    }
    try {
        monitors_[spec.target_id] = std::make_unique<PatternMonitor>(
            spec.target_id, spec.mode, output, options_, std::move(*stop));
    } catch (const std::exception& error) {  // no thread, no memory
        monitors_.erase(spec.target_id);
        return os::fail("plug a pattern monitor", 0, os::Reaction::retry, error.what());
    }
    return {};
}

os::Result<void> PatternSource::set_mode(std::uint32_t target_id, const core::Mode& mode) {
    const auto found = monitors_.find(target_id);
    if (found == monitors_.end()) {
        return os::fail("set mode", 0, os::Reaction::bug, "no such monitor");
    }
    found->second->set_mode(mode);
    return {};
}

}  // namespace pf::hostproc
