#include <pf/os/display_topology.hpp>

namespace pf::os {

namespace {

// A desktop of Linux gives a new monitor its place by itself, and the driver's X server has nobody
// who sits there.
class NoDisplays final : public DisplaySystem {
public:
    Result<DisplayPaths> query(DisplayScope) override { return not_here(); }
    Result<void> apply(const DisplayPaths&) override { return not_here(); }
    Result<void> extend() override { return not_here(); }
    Result<void> wake() override { return not_here(); }

private:
    static tl::unexpected<Error> not_here() {
        return fail("arrange the screens", 0, Reaction::fallback,
                    "not here: on Linux the desktop arranges its screens itself");
    }
};

}  // namespace

std::unique_ptr<DisplaySystem> open_display_system() {
    return std::make_unique<NoDisplays>();
}

}  // namespace pf::os
