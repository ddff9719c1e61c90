// The whole host library in one page: open a display, take frames, live through a driver's death.
//   minimal_host [WxH@Hz] [frames]
#include <cstdio>
#include <cstdlib>

#include <pf/host/host.hpp>
#include <pf/os/interrupt.hpp>

int main(int argc, char** argv) {
    const auto mode = pf::host::parse_mode(argc > 1 ? argv[1] : "1280x720@60");
    const unsigned long wanted = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 300;
    if (!mode || wanted == 0) {
        std::fprintf(stderr, "usage: minimal_host [WxH@Hz] [frames]\n");
        return 2;
    }
    pf::host::SessionOptions options;
    options.mode = *mode;
    options.cancel = pf::os::interrupt_flag().value_or(nullptr);  // Ctrl-C ends every wait
    auto session = pf::host::Session::open(options);
    if (!session) {
        std::fprintf(stderr, "%s\n", session.error().message().c_str());
        return 1;
    }
    unsigned long frames = 0;
    std::int64_t next_line_ns = pf::os::deadline_after(pf::os::kSecond);
    while (frames < wanted) {
        const auto next = (*session)->next(next_line_ns);
        if (!next) {  // the driver stayed away beyond the budget
            std::fprintf(stderr, "%s\n", next.error().message().c_str());
            return 1;
        }
        switch (next->kind) {
            case pf::host::NextKind::frame: {
                // The pixels stay as they are until the last copy of next->frame is gone.
                const pf::host::FrameView& view = next->frame.view();
                frames += view.pixels() != nullptr;
                break;
            }
            case pf::host::NextKind::rebuilt:  // the first frame after it is a whole one
                std::printf("rebuilt (%s) in %.1f ms\n", to_string(next->reason).data(),
                            static_cast<double>(next->recovery_ns) / 1e6);
                break;
            case pf::host::NextKind::cursor:          // only with cursor_events
            case pf::host::NextKind::woken:           // somebody called wake()
            case pf::host::NextKind::timeout: break;  // nothing changed on the desktop
            case pf::host::NextKind::closed: return 130;
        }
        if (pf::os::now_ns() >= next_line_ns) {
            const auto stats = (*session)->stats();
            std::printf("%lu frames, %llu skipped, driver %u of '%s'\n", frames,
                        static_cast<unsigned long long>(stats.skipped), stats.driver_pid,
                        stats.instance.c_str());
            next_line_ns = pf::os::deadline_after(pf::os::kSecond);
        }
    }
    std::printf("%lu frames of %s\n", frames, pf::host::to_string(*mode).c_str());
    return 0;
}
