// What the systems do differently about interrupts. Internal to os/.
#pragma once

namespace pf::os {

// Has note_interrupt() called for each interrupt from now on. False: the last error says why not.
bool install_interrupt_handler();

// Sets the flag, and lets a last resort know when this one hurries. Safe in a signal handler.
// False: it hurries and nobody stands by, so the handler is to end the process.
bool note_interrupt();

// Without a destructor or a last word of the library's.
[[noreturn]] void end_at_once(int exit_code);

}  // namespace pf::os
