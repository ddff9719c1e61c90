#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "ignored_signal.hpp"
#include "interrupt_handler.hpp"

namespace pf::os {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGHUP};

void on_interrupt(int number) {
    const int saved_errno = errno;
    if (!note_interrupt()) {
        ::signal(number, SIG_DFL);
        ::raise(number);  // delivered when the handler returns
    }
    errno = saved_errno;
}

}  // namespace

bool install_interrupt_handler() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    return std::all_of(std::begin(kSignals), std::end(kSignals), [&action](int number) {
        return (number == SIGHUP && is_ignored(number)) ||
               ::sigaction(number, &action, nullptr) == 0;
    });
}

void end_at_once(int exit_code) {
    ::_exit(exit_code);
}

}  // namespace pf::os
