#include "crew.hpp"

#include <fmt/format.h>

namespace pf::chaos {

Crew::Crew(CrewOptions options) : options_(std::move(options)), members_(options_.hosts) {}

HostOptions Crew::options_for(std::size_t host, host::PixelFormat format) {
    // The first two threads show one display.
    const bool shared = options_.hosts > 2 && (host == 0 || host == 2);
    HostOptions options;
    options.instance = options_.instance;
    options.client_id = shared ? 1 : static_cast<std::uint32_t>(host + 1);
    options.seed = options_.seed + 1000 * host + lives_++;
    options.format = format;
    options.stamped = options_.stamped;
    options.share = shared ? &share_ : nullptr;
    options.on_rebuild = options_.on_rebuild;
    return options;
}

os::Result<void> Crew::start(std::size_t host, host::PixelFormat format) {
    HostOptions options = options_for(host, format);
    const std::string log = fmt::format("{}/host-{}-{}.log", options_.directory, host, lives_);
    auto started =
        in_process(host) ? start_process_host(options, log) : start_thread_host(std::move(options));
    if (!started) {
        return tl::unexpected(started.error());
    }
    members_[host] = std::move(*started);
    return {};
}

}  // namespace pf::chaos
