#include "bench_report.hpp"

#include <fmt/format.h>

namespace pf::cli {
namespace {

std::string row(std::string_view name, const BenchSide& side) {
    return fmt::format("  {:<14}{:>9.1f}{:>9.1f}{:>9.1f}{:>9.2f}\n", name, side.p50_us, side.p99_us,
                       side.fps, side.cpu * 100);
}

}  // namespace

double ratio(double ours, double floor) {
    return floor > 0 ? ours / floor : 0;
}

std::string to_text(const std::vector<BenchCase>& cases) {
    std::string text = "time after publish in us; the floor is a plain ring, memcpy and an event\n";
    for (const BenchCase& c : cases) {
        text += fmt::format("\n{}{}, one thread copies {:.0f} frames/s\n", host::to_string(c.mode),
                            c.saturated ? " (as fast as it goes)" : "", c.memcpy_limit_fps);
        text += fmt::format("  {:<14}{:>9}{:>9}{:>9}{:>9}\n", "", "p50", "p99", "fps", "cpu %");
        text += row("floor", c.floor);
        text += row("pf-vdisplay", c.ring);
        text +=
            fmt::format("  {:<14}{:>9.2f}{:>9.2f}{:>9.2f}{:>9.2f}\n", "ratio",
                        ratio(c.ring.p50_us, c.floor.p50_us), ratio(c.ring.p99_us, c.floor.p99_us),
                        ratio(c.ring.fps, c.floor.fps), ratio(c.ring.cpu, c.floor.cpu));
    }
    return text;
}

}  // namespace pf::cli
