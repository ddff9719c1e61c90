#include "input_desktop.hpp"

namespace pf::os {

InputDesktop::InputDesktop(const DisplayCalls& calls)
    : calls_(calls),
      before_(calls.thread_desktop(::GetCurrentThreadId())),
      input_(calls.open_input_desktop(0, FALSE, GENERIC_ALL)),
      entered_(before_ != nullptr && input_ != nullptr &&
               calls.set_thread_desktop(input_) != FALSE) {}

InputDesktop::~InputDesktop() {
    // A desktop that a thread is on cannot be closed: if there is no way back, it stays.
    const bool left = !entered_ || calls_.set_thread_desktop(before_) != FALSE;
    if (left && input_ != nullptr) {
        calls_.close_desktop(input_);
    }
}

}  // namespace pf::os
