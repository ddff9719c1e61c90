#include "instance_notes.hpp"

namespace pf::driver {

void InstanceNotes::monitors(std::vector<std::string> lines) {
    const std::lock_guard locked(mutex_);
    (void)directory_.set_monitors(std::move(lines));
}

void InstanceNotes::display(const std::string& display, const std::string& xauthority) {
    const std::lock_guard locked(mutex_);
    (void)directory_.set_display(display, xauthority);
}

void InstanceNotes::waiting(const std::string& why) {
    const std::lock_guard locked(mutex_);
    (void)directory_.set_state(os::InstanceState::starting, why, protocol_);
}

os::Result<void> InstanceNotes::active(const std::string& why) {
    const std::lock_guard locked(mutex_);
    return directory_.set_state(os::InstanceState::active, why, protocol_);
}

}  // namespace pf::driver
