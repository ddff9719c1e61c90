// What goes wrong, when, and to whom: a sequence that a seed decides. Pure; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include <pf/host/mode.hpp>

namespace pf::chaos {

enum class FaultKind {
    driver_kill,
    driver_pause,      // stopped so shortly that no host may notice more than a gap
    driver_stop,       // stopped until hosts notice; `twist`: nobody replaces it, it continues
    driver_upgrade,    // ended, another program or protocol comes; `twist`: killed, else asked
    host_kill,         // and another one in its place
    connection_cut,    // between request and reply; `twist`: at any moment, all of a process's
    delivery_refused,  // the driver can open `step` descriptors more; `twist`: for a new monitor
    host_starved,      // a host can open `step` more; `twist`: and its driver is killed
    format_flip,       // the driver's pixels change; `twist`: hosts follow, else it comes back
    mode_storm,        // several changes of the mode in a row
    x_server_kill,
};
inline constexpr std::size_t kFaultKinds = 11;
std::string_view to_string(FaultKind kind);
std::optional<FaultKind> parse_fault_kind(std::string_view name);

enum class Source { pattern, x11 };

// What a driver process is started as.
struct DriverShape {
    std::uint32_t protocol = 6;
    bool copied_program = false;   // another path, as an upgrade would have
    std::string pattern = "copy";  // pattern only
    std::string format = "bgra8";  // pattern only
    friend bool operator==(const DriverShape&, const DriverShape&) = default;
};

struct Fault {
    std::uint32_t number = 0;  // from 1
    FaultKind kind{};
    std::int64_t wait_ns = 0;  // after the one before
    bool hurried = false;      // comes while hosts still recover from the one before
    std::int64_t hold_ns = 0;  // how long it lasts, for kinds that end
    std::uint32_t host = 0;    // which of the hosts that it can meet
    std::uint32_t step = 0;
    bool twist = false;  // as FaultKind says
    DriverShape shape;   // of drivers that start from now on
    host::Mode mode;
    friend bool operator==(const Fault&, const Fault&) = default;
};

struct PlanSettings {
    Source source = Source::pattern;
    std::uint32_t thread_hosts = 2;
    std::uint32_t process_hosts = 2;
    std::set<FaultKind> only = {};  // empty: every kind
};

// Draws that are the same with every library.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t below(std::uint64_t end) { return engine_() % end; }  // end > 0
    std::int64_t between_ms(std::int64_t low, std::int64_t high);       // in ns
    bool one_in(std::uint64_t n) { return below(n) == 0; }

private:
    std::mt19937_64 engine_;
};

host::Mode draw_mode(Random& random);

// The weight of a kind, 0 where it cannot happen.
std::uint32_t weight_of(FaultKind kind, const PlanSettings& settings);
// `next` may begin before all hosts have recovered from `before`.
bool may_hurry(FaultKind before, FaultKind next);

class FaultPlan {
public:
    FaultPlan(std::uint64_t seed, const PlanSettings& settings);
    Fault next();
    const DriverShape& shape() const { return shape_; }

private:
    FaultKind draw_kind();
    void draw_details(Fault& fault);
    void reshape(Fault& fault);

    Random random_;
    PlanSettings settings_;
    std::uint32_t number_ = 0;
    FaultKind before_ = FaultKind::format_flip;
    DriverShape shape_;
};

}  // namespace pf::chaos
