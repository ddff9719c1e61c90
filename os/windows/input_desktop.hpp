// The desktop that has the input just now. A change of the screens by a thread that is on another
// one (a service's, or while the sign-in screen shows) is refused. Internal to os/windows.
#pragma once

#include "display_calls.hpp"

namespace pf::os {

// This thread is on it while this lives, and then back where it was.
class InputDesktop {
public:
    explicit InputDesktop(const DisplayCalls& calls);  // `calls` outlives this
    ~InputDesktop();
    InputDesktop(const InputDesktop&) = delete;
    InputDesktop& operator=(const InputDesktop&) = delete;

    bool entered() const { return entered_; }

private:
    const DisplayCalls& calls_;
    HDESK before_;  // the system's, not ours to close
    HDESK input_;
    bool entered_;
};

}  // namespace pf::os
