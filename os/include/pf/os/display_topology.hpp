// How the system arranges its screens, in plain values: what is connected, what is lit, where it
// lies, at which mode; and the few calls that change that. What a call answers is no proof of what
// it did: whoever changes something looks again. The decisions are the host's (host/topology/).
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pf/os/result.hpp>

namespace pf::os {

// One end of a path. A target is where a monitor is connected, a source is a part of the desktop.
// Good until the adapter or the machine restarts; then the numbers are others.
struct DisplayEnd {
    std::uint64_t adapter = 0;  // LUID: high part << 32 | low part
    std::uint32_t id = 0;       // of the adapter's
    friend auto operator<=>(const DisplayEnd&, const DisplayEnd&) = default;
};

struct DisplayRational {
    std::uint32_t numerator = 0;
    std::uint32_t denominator = 0;
    friend bool operator==(const DisplayRational&, const DisplayRational&) = default;
};

struct DisplaySourceMode {
    std::uint32_t width = 0;         // pixels
    std::uint32_t height = 0;        // pixels
    std::uint32_t pixel_format = 0;  // DISPLAYCONFIG_PIXELFORMAT
    std::int32_t x = 0;              // of the desktop; the primary screen is at 0, 0
    std::int32_t y = 0;
    friend bool operator==(const DisplaySourceMode&, const DisplaySourceMode&) = default;
};

// DISPLAYCONFIG_VIDEO_SIGNAL_INFO.
struct DisplayTiming {
    std::uint64_t pixel_rate = 0;  // a second
    DisplayRational line_rate;     // hertz
    DisplayRational frame_rate;    // hertz
    std::uint32_t active_width = 0;
    std::uint32_t active_height = 0;
    std::uint32_t total_width = 0;
    std::uint32_t total_height = 0;
    std::uint32_t video_standard = 0;
    std::uint32_t scan_order = 0;
    friend bool operator==(const DisplayTiming&, const DisplayTiming&) = default;
};

// DISPLAYCONFIG_VIDEO_OUTPUT_TECHNOLOGY (wingdi.h) of monitors that no cable leads to.
inline constexpr std::uint32_t kTechnologyIndirectWired = 16;
inline constexpr std::uint32_t kTechnologyIndirectVirtual = 17;

// A source that a target shows, or could show. Each path has its modes with it; the flat arrays and
// indices that the system wants are made at the call.
struct DisplayPath {
    DisplayEnd source;
    DisplayEnd target;
    bool active = false;     // lit
    bool available = false;  // a monitor is connected
    std::uint32_t technology = 0;
    std::uint32_t rotation = 0;  // the next three as the system gave them
    std::uint32_t scaling = 0;
    std::uint32_t scan_order = 0;
    DisplayRational refresh;
    std::optional<DisplaySourceMode> source_mode;  // none: the system chooses
    std::optional<DisplayTiming> timing;           // none: the system chooses
    std::string name;  // "\\.\DISPLAY5" of an active path; empty as long as there is none
    std::string
        monitor;  // the monitor's device path, which a restart does not change; may be empty
    friend bool operator==(const DisplayPath&, const DisplayPath&) = default;
};

using DisplayPaths = std::vector<DisplayPath>;

enum class DisplayScope {
    active,  // what is lit
    all,     // each source with each target that it could go to
};

// One thread at a time. Errors: fallback where the system has no such thing, or where this process
// may not do it (a service that is not in the console session); else retry.
class DisplaySystem {
public:
    virtual ~DisplaySystem() = default;
    // No paths is an answer: nothing is lit. A query that failed says nothing.
    virtual Result<DisplayPaths> query(DisplayScope scope) = 0;
    // Lights these paths as they say, and switches off all others; the system may adapt the modes.
    // It never remembers that for this set of monitors: one that is plugged in between a look and
    // the call would be remembered as dark.
    virtual Result<void> apply(const DisplayPaths& paths) = 0;
    // Lights all that is connected, as the system remembers it or side by side.
    virtual Result<void> extend() = 0;
    // Once: a console display that has gone to sleep wakes. One that sleeps gives a new monitor no
    // picture.
    virtual Result<void> wake() = 0;
};

std::unique_ptr<DisplaySystem> open_display_system();

}  // namespace pf::os
