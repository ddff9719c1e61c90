#include <pf/os/program_start.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

#include "ignored_signal.hpp"

namespace pf::os {

namespace {

// The wrong direction on purpose: what is closed stays useless, and says so.
void open_closed_standards() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) < 0) {  // the lowest that is free, as those below are not
            (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

}  // namespace

void begin_program() {
    open_closed_standards();
    for (const int number : {SIGCHLD, SIGINT, SIGQUIT, SIGTERM}) {
        if (is_ignored(number)) {
            ::signal(number, SIG_DFL);
        }
    }
    for (const int number : kWriteSignals) {
        ::signal(number, SIG_IGN);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace pf::os
