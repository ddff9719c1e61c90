// What a program of ours inherits, put right: for the first line of main().
#pragma once

namespace pf::os {

// Before any thread runs and any file is opened.
// - A standard descriptor that is closed is opened on the null device, so that no file or socket
//   of ours lands there; reading the input and writing the others still fail.
// - No signal is blocked. SIGCHLD, SIGINT, SIGQUIT and SIGTERM are not ignored: children can be
//   waited for, and the program can be ended. SIGHUP stays ignored where it was (nohup).
// - A reader that left (SIGPIPE), a file-size limit (SIGXFSZ) and a terminal that stops writers
//   in the background (SIGTTOU) end or stop nothing: the write succeeds or says why not.
void begin_program();

}  // namespace pf::os
