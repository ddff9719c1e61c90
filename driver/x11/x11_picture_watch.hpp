// When a monitor whose picture stays away is given up: an idle picture is one thing, none at all
// another. Pure; one thread.
#pragma once

#include <cstdint>

#include <pf/os/clock.hpp>

namespace pf::driver {

struct PicturePatience {
    // With a server that cannot be asked, ns; a new one starts within a second.
    std::int64_t lost_ns = 5 * os::kSecond;
    // With one that was asked and says nothing, ns; the largest screen takes it 46 s.
    std::int64_t silent_ns = 60 * os::kSecond;
};

class PictureWatch {
public:
    PictureWatch(const PicturePatience& patience, std::int64_t now_ns)
        : patience_(patience), answered_ns_(now_ns) {}

    void answered(std::int64_t now_ns) { answered_ns_ = now_ns; }
    void tell_lost() { lost_ = true; }
    void tell_asked() { lost_ = false; }  // and may be silent
    // The picture was wanted for longer than can be borne; once for each such time.
    bool gives_up(bool wanted, std::int64_t now_ns) {
        const std::int64_t limit_ns = lost_ ? patience_.lost_ns : patience_.silent_ns;
        const bool beyond = wanted && now_ns - answered_ns_ > limit_ns;
        if (!wanted || beyond) {
            answered_ns_ = now_ns;
        }
        return beyond;
    }

private:
    const PicturePatience patience_;
    std::int64_t answered_ns_;  // by the server, or no picture was wanted
    bool lost_ = false;
};

}  // namespace pf::driver
