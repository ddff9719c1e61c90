// The usual ends of a program (Ctrl-C, termination, a closed terminal) as a flag that any wait
// can include, and what is left to do when the orderly end hangs.
#pragma once

#include <functional>
#include <memory>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>

namespace pf::os {

// Installs the handler on the first call: SIGINT, SIGTERM, SIGQUIT, SIGXCPU, and SIGHUP unless it
// was ignored (nohup); console control on Windows. The others are handled even where they were
// ignored, as recorders do: a script ends its background job with `kill -INT`. The flag stays
// set. Any thread.
Result<const Flag*> interrupt_flag();
bool interrupted();

// An interrupt that comes so long after the first hurries: something hangs, and the user knows it.
// One that comes earlier changes nothing: `timeout` sends two at once, a closed terminal as well.
inline constexpr std::int64_t kHurryAfter = 5 * kSecond;  // ns

// Ends the process with `exit_code` when an interrupt hurries. Without one, or before
// interrupt_flag(), such an interrupt ends the process by its signal. One at a time.
class LastResort {
public:
    static Result<std::unique_ptr<LastResort>> stand_by(int exit_code);
    ~LastResort();
    LastResort(const LastResort&) = delete;
    LastResort& operator=(const LastResort&) = delete;

    // What must not stay behind even then: runs before the exit, the newest first, on a thread of
    // this object while any other may hang. It ends by itself, and owns what it uses.
    void also(std::function<void()> end);

private:
    struct State;
    explicit LastResort(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace pf::os
