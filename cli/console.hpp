// What people see: one line for an error, a live line of progress on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <pf/os/result.hpp>

#include "exit_code.hpp"

namespace pf::cli {

// "pfvd VERB: TEXT" on stderr, one line whatever the text holds. Returns the code as an int.
int report(std::string_view verb, ExitCode code, std::string_view text);
int report(std::string_view verb, ExitCode code, const os::Error& error);

// A line on stderr that is written over; nothing where stderr is no terminal. One thread.
class Progress {
public:
    Progress();
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // At most eight times a second; `text` fits a line.
    void show(std::int64_t now_ns, std::string_view text);
    bool due(std::int64_t now_ns) const { return live_ && now_ns >= next_ns_; }
    void clear();

private:
    bool live_;
    bool shown_ = false;
    std::int64_t next_ns_ = 0;
};

}  // namespace pf::cli
