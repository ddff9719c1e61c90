#include "stage.hpp"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <pf/os/wait.hpp>

namespace pf::chaos {
namespace {

constexpr std::int64_t kLookEvery = 5 * os::kMillisecond;

}  // namespace

host::PixelFormat pixel_format(const std::string& name) {
    if (name == "rgb10") {
        return host::PixelFormat::rgb10a2;
    }
    return name == "fp16" ? host::PixelFormat::rgba16f : host::PixelFormat::bgra8;
}

void Stage::note(const std::string& line) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    fmt::print(diary_, "{:%H:%M:%S}.{:03} {}\n", std::chrono::floor<std::chrono::seconds>(now),
               now.time_since_epoch().count() % 1000, line);
    diary_.flush();
}

void Stage::start_host(std::size_t host) {
    judge.host_started(host, os::now_ns());
    if (auto started = crew.start(host, pixel_format(shape.format)); !started) {
        judge.violate(fmt::format("host {} cannot start: {}", host, started.error().message()));
    }
}

bool Stage::over() const {
    return !judge.violations().empty() || cancel_.is_set();
}

void Stage::pump() {
    for (std::size_t host = 0; host < crew.size(); ++host) {
        pump_host(host);
    }
    driver.animate();
    judge.look(os::now_ns());
}

void Stage::pump_host(std::size_t host) {
    CrewMember* member = crew.member(host);
    if (member == nullptr) {
        return;
    }
    // Looked at first: what it told before it died is read below.
    const bool died = member->process() != nullptr && !member->process()->alive();
    for (const HostEvent& event : member->drain()) {
        if (event.kind != HostEventKind::frame) {
            std::string line = encode(event);
            line.pop_back();
            note(fmt::format("host {} {}", host, line));
        }
        judge.take(host, event);
    }
    if (died && judge.lives(host)) {
        judge.violate(fmt::format("host {}: its process died", host));
        judge.host_leaves(host);
    }
}

bool Stage::pump_until(std::int64_t deadline_ns, const std::function<bool()>& condition) {
    for (;;) {
        pump();
        if (over()) {
            return false;
        }
        if (condition()) {
            return true;
        }
        const std::int64_t now_ns = os::now_ns();
        if (now_ns >= deadline_ns) {
            return false;
        }
        os::wait({cancel_}, std::min(deadline_ns, now_ns + kLookEvery));
    }
}

}  // namespace pf::chaos
