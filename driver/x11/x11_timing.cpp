#include "x11_timing.hpp"

#include <limits>

#include <fmt/format.h>

#include "process/output/mode_text.hpp"

namespace pf::driver {

os::Result<X11Timing> make_timing(const core::Mode& mode) {
    const std::uint32_t htotal = mode.width + 160;
    const std::uint32_t vtotal = mode.height + 30;
    const std::uint64_t pixels = std::uint64_t{htotal} * vtotal;
    const std::uint64_t clock = (pixels * mode.millihertz() + 500) / 1000;
    constexpr std::uint64_t kMostClockHz = std::numeric_limits<std::uint32_t>::max();
    if (clock > kMostClockHz || htotal > std::numeric_limits<std::uint16_t>::max() ||
        vtotal > std::numeric_limits<std::uint16_t>::max()) {
        return os::fail(
            "make mode line", 0, os::Reaction::reject,
            fmt::format("{} needs a pixel clock of {} MHz, RandR ends at 4294 MHz: ask for a lower "
                        "rate (at this size {} Hz at most) or a smaller size",
                        to_string(mode), clock / 1'000'000, kMostClockHz / pixels));
    }
    const auto narrow = [](std::uint32_t value) { return static_cast<std::uint16_t>(value); };
    return X11Timing{static_cast<std::uint32_t>(clock),
                     narrow(mode.width + 48),
                     narrow(mode.width + 80),
                     narrow(htotal),
                     narrow(mode.height + 3),
                     narrow(mode.height + 8),
                     narrow(vtotal)};
}

}  // namespace pf::driver
