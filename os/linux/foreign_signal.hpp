// Signals an eventfd whose file description another process shares. That process can fill the
// counter and clear O_NONBLOCK between any check of ours and write(2), which then blocks for good.
// So a timer of the calling thread interrupts the write. Internal to os/linux.
//
// (An asynchronous operation with IOCB_FLAG_RESFD never blocks either, but an AIO context delays
// the end of its process by tens of milliseconds, and with it the news of a driver's death.)
#pragma once

namespace pf::os {

// Returns within about a millisecond whatever the other process does; a counter that is full
// counts as signalled. Any thread; not from a signal handler. Takes the signal SIGRTMAX of the
// process on first use; where a program has its own use for that, or the system has no timer left
// (RLIMIT_SIGPENDING), only the checks remain.
void signal_foreign(int eventfd);

}  // namespace pf::os
