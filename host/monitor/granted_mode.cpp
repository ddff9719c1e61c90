#include "monitor/granted_mode.hpp"

namespace pf::host {

os::Result<proto::AddReply> add_granted(DriverConnection& driver, proto::AddRequest request,
                                        Mode& mode, const StopSignal* stop) {
    request.width = mode.width;
    request.height = mode.height;
    request.refresh_hz = mode.refresh_hz;
    if (!mode.is_whole_hertz()) {
        const auto exact = driver.add_exact(
            {.add = request, .refresh_millihertz = mode.millihertz(), .reserved = 0}, stop);
        if (!exact) {
            return tl::unexpected(exact.error());
        }
        if (*exact) {
            return **exact;
        }
    }
    mode = mode.in_whole_hertz();
    return driver.add(request, stop);
}

os::Result<void> update_granted(DriverConnection& driver, std::uint64_t session_id, Mode& mode,
                                const StopSignal* stop) {
    const proto::UpdateModesRequest request{.session_id = session_id,
                                            .width = mode.width,
                                            .height = mode.height,
                                            .refresh_hz = mode.refresh_hz,
                                            .reserved = 0};
    if (!mode.is_whole_hertz()) {
        const auto exact = driver.update_modes_exact(
            {.update = request, .refresh_millihertz = mode.millihertz(), .reserved = 0}, stop);
        if (!exact) {
            return tl::unexpected(exact.error());
        }
        if (*exact) {
            return {};
        }
    }
    mode = mode.in_whole_hertz();
    return driver.update_modes(request, stop);
}

}  // namespace pf::host
