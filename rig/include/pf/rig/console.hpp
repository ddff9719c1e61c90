// What people see. Standard output carries what a program was asked for: what cannot be written
// there is a failure. Standard error is aside: full, closed or blocked, it decides about nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <pf/os/result.hpp>

#include <pf/rig/exit_code.hpp>

namespace pf::rig {

// `text` on standard output, waiting for its reader until an interrupt comes; after one, for no
// more than 5 s.
os::Result<void> write_output(std::string_view text);

// The same as all that `who` (see report()) has to say: done, or what could not be written was
// reported (output), or an interrupt came meanwhile.
int print(std::string_view who, std::string_view text);

// `text` on standard error as far as that goes now; nothing is thrown.
void print_aside(std::string_view text) noexcept;

// "WHO: TEXT" on stderr, one line whatever the text holds; `who` is the program and its verb, as
// "pfvd capture". Returns the code as an int.
int report(std::string_view who, ExitCode code, std::string_view text);
int report(std::string_view who, ExitCode code, const os::Error& error);

// A line on stderr that is written over; nothing where stderr is no terminal, or one that takes
// nothing more. One thread.
class Progress {
public:
    Progress();
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // At most eight times a second; `text` fits a line.
    void show(std::int64_t now_ns, std::string_view text);
    bool due(std::int64_t now_ns) const { return live_ && now_ns >= next_ns_; }
    void clear() noexcept;

private:
    bool live_;
    bool shown_ = false;
    std::int64_t next_ns_ = 0;
};

}  // namespace pf::rig
