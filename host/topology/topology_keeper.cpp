#include "topology/topology_task.hpp"

namespace pf::host {

TopologyKeeper::TopologyKeeper(os::DisplaySystem& displays, JournalStore& journal,
                               const os::Flag* cancel, const os::Clock& clock)
    : task_(std::make_unique<Task>(displays, journal, cancel, clock)) {}

TopologyKeeper::~TopologyKeeper() {
    (void)restore();
}

os::Result<bool> TopologyKeeper::recover() {
    return task_->recover();
}

os::Result<void> TopologyKeeper::activate(const os::DisplayEnd& target) {
    (void)task_->recover();
    return task_->activate(target);
}

os::Result<ModeResult> TopologyKeeper::set_mode(const os::DisplayEnd& target, const Mode& wanted,
                                                std::span<const Mode> published,
                                                ModeMemory& memory) {
    (void)task_->recover();
    return task_->set_mode(target, wanted, published, memory);
}

os::Result<void> TopologyKeeper::isolate(std::span<const os::DisplayEnd> keep) {
    (void)task_->recover();
    return task_->isolate(keep);
}

bool TopologyKeeper::isolated() const {
    return task_->isolated();
}

os::Result<void> TopologyKeeper::await_picture(
    const os::DisplayEnd& target, const std::function<std::optional<FrameOrigin>()>& newest) {
    return task_->await_picture(target, newest);
}

os::Result<void> TopologyKeeper::restore() {
    (void)task_->recover();
    return task_->restore();
}

}  // namespace pf::host
