// Internal to os/linux.
#pragma once

#include <signal.h>

namespace pf::os {

// Signals about what a program writes: ours hear of it from the write.
inline constexpr int kWriteSignals[] = {SIGPIPE, SIGXFSZ, SIGTTOU};

inline bool is_ignored(int number) {
    struct sigaction action {};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace pf::os
