#include "judge.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pf/os/clock.hpp>

namespace pf::chaos {
namespace {

constexpr std::size_t kMostViolations = 20;  // the first ones tell what broke

double to_ms(std::int64_t ns) {
    return static_cast<double>(ns) / 1e6;
}

}  // namespace

void Judge::host_started(std::size_t host, std::int64_t now_ns) {
    hosts_[host] = Host{.lives = true, .owes_since_ns = now_ns, .monitor = {}, .trouble = {}};
}

void Judge::host_leaves(std::size_t host) {
    hosts_[host] = {};
}

void Judge::take(std::size_t index, const HostEvent& event) {
    Host& host = hosts_[index];
    if (event.kind == HostEventKind::frame) {
        ++frames_;
    }
    if (event.kind == HostEventKind::wrong) {
        wrong(index, event);
    }
    if (!host.lives) {
        return;  // its last words
    }
    switch (event.kind) {
        case HostEventKind::opened: host.monitor = event.monitor; break;
        case HostEventKind::closed: host.monitor.clear(); break;
        case HostEventKind::waiting: host.trouble = event.text; break;
        case HostEventKind::frame: frame(host, event); break;
        case HostEventKind::rebuilt: rebuilt(host, event); break;
        case HostEventKind::failed:
        case HostEventKind::ended:
            host.lives = false;
            violate(fmt::format("host {}: its session ended: {}", index, event.text));
            break;
        case HostEventKind::wrong: break;
    }
}

void Judge::frame(Host& host, const HostEvent& event) {
    if (host.owes_since_ns == 0 || event.published_ns < host.owes_since_ns) {
        return;
    }
    if (host.measured_from_ns != 0) {
        kinds_[static_cast<std::size_t>(kind_)].recovery_ms.add(
            to_ms(event.at_ns - host.measured_from_ns));
    }
    host.owes_since_ns = host.measured_from_ns = 0;
    host.trouble.clear();
}

void Judge::wrong(std::size_t index, const HostEvent& event) {
    torn_ += event.text.starts_with("torn") ? 1 : 0;
    stale_ += event.text.starts_with("stale") ? 1 : 0;
    foreign_ += event.text.starts_with("foreign") ? 1 : 0;
    violate(fmt::format("host {}: a frame is {}", index, event.text));
}

void Judge::rebuilt(Host& host, const HostEvent& event) {
    host.monitor = event.monitor;
    if (event.text == "mode changed") {
        return;
    }
    ++rebuilds_;
    host.trouble = "rebuilt, " + event.text;
    if (!host.noticed && event.noticed_ns >= begun_ns_) {
        host.noticed = true;
        kinds_[static_cast<std::size_t>(kind_)].notice_ms.add(to_ms(event.noticed_ns - begun_ns_));
    }
}

void Judge::begin(const Fault& fault, std::int64_t now_ns) {
    fault_number_ = fault.number;
    kind_ = fault.kind;
    begun_ns_ = now_ns;
    on_ = true;
    for (Host& host : hosts_) {
        host.noticed = !host.lives;
        host.measured_from_ns = 0;
    }
}

void Judge::over(std::int64_t measured_from_ns, std::int64_t over_ns) {
    on_ = false;
    ++kinds_[static_cast<std::size_t>(kind_)].injected;
    for (Host& host : hosts_) {
        if (host.lives) {
            // One that has only begun is slow for another reason.
            host.measured_from_ns = host.monitor.empty() ? 0 : measured_from_ns;
            host.owes_since_ns = over_ns;
        }
    }
}

void Judge::skip(std::int64_t now_ns) {
    on_ = false;
    ++kinds_[static_cast<std::size_t>(kind_)].skipped;
    for (Host& host : hosts_) {
        host.noticed = true;
        host.owes_since_ns = host.owes_since_ns == 0 ? 0 : now_ns;
    }
}

void Judge::noticed_after(std::int64_t ns) {
    kinds_[static_cast<std::size_t>(kind_)].notice_ms.add(to_ms(ns));
}

void Judge::look(std::int64_t now_ns) {
    for (std::size_t i = 0; i < hosts_.size() && !on_; ++i) {
        Host& host = hosts_[i];
        if (host.owes_since_ns != 0 && now_ns - host.owes_since_ns > budget_ns_) {
            host.owes_since_ns = 0;
            violate(fmt::format("host {}: no fresh frame within {:.1f} s{}{}", i,
                                to_ms(budget_ns_) / 1e3,
                                host.trouble.empty() ? "" : "; last: ", host.trouble));
        }
    }
}

bool Judge::recovered() const {
    return std::all_of(hosts_.begin(), hosts_.end(),
                       [](const Host& host) { return host.owes_since_ns == 0; });
}

void Judge::violate(const std::string& what) {
    if (violations_.size() < kMostViolations) {
        violations_.push_back(fault_number_ == 0 ? fmt::format("before any fault: {}", what)
                                                 : fmt::format("fault {} ({}): {}", fault_number_,
                                                               to_string(kind_), what));
    }
}

std::set<std::string> Judge::monitors() const {
    std::set<std::string> all;
    for (const Host& host : hosts_) {
        if (!host.monitor.empty()) {
            all.insert(host.monitor);
        }
    }
    return all;
}

}  // namespace pf::chaos
