#include <pf/os/program_start.hpp>

#include <windows.h>

#include <fcntl.h>
#include <io.h>

#include <cstdio>

namespace pf::os {

// Bytes go out as they are, text on a console is UTF-8, and a missing disk opens no dialogue.
void begin_program() {
    (void)::_setmode(_fileno(stdout), _O_BINARY);
    (void)::_setmode(_fileno(stderr), _O_BINARY);
    ::SetConsoleOutputCP(CP_UTF8);
    ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
}

}  // namespace pf::os
