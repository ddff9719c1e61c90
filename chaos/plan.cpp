#include "plan.hpp"

#include <pf/os/clock.hpp>

namespace pf::chaos {
namespace {

struct KindFacts {
    std::string_view name;
    std::uint32_t weight;
};
constexpr std::array<KindFacts, kFaultKinds> kFacts{{{"driver_kill", 20},
                                                     {"driver_pause", 12},
                                                     {"driver_stop", 5},
                                                     {"driver_upgrade", 10},
                                                     {"host_kill", 10},
                                                     {"connection_cut", 14},
                                                     {"delivery_refused", 14},
                                                     {"host_starved", 8},
                                                     {"format_flip", 4},
                                                     {"mode_storm", 8},
                                                     {"x_server_kill", 12}}};

// Odd sizes and rates among them; small ones, so that many hosts fit a small machine.
constexpr host::Mode kModes[] = {{640, 480, 60}, {800, 600, 30}, {1280, 720, 60}, {1021, 77, 100},
                                 {64, 48, 120},  {333, 555, 75}, {1920, 1080, 30}};

}  // namespace

std::string_view to_string(FaultKind kind) {
    return kFacts[static_cast<std::size_t>(kind)].name;
}

std::optional<FaultKind> parse_fault_kind(std::string_view name) {
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
        if (kFacts[i].name == name) {
            return static_cast<FaultKind>(i);
        }
    }
    return std::nullopt;
}

std::int64_t Random::between_ms(std::int64_t low, std::int64_t high) {
    const auto steps = static_cast<std::uint64_t>((high - low) * 1000 + 1);
    return low * os::kMillisecond + static_cast<std::int64_t>(below(steps)) * 1000;
}

host::Mode draw_mode(Random& random) {
    return kModes[random.below(std::size(kModes))];
}

std::uint32_t weight_of(FaultKind kind, const PlanSettings& settings) {
    bool possible = settings.only.empty() || settings.only.contains(kind);
    switch (kind) {
        case FaultKind::x_server_kill: possible &= settings.source == Source::x11; break;
        case FaultKind::format_flip: possible &= settings.source == Source::pattern; break;
        case FaultKind::host_kill:
        case FaultKind::host_starved: possible &= settings.process_hosts > 0; break;
        default: break;
    }
    return possible ? kFacts[static_cast<std::size_t>(kind)].weight : 0;
}

// A host's departure is measured at a driver that serves, and a change of the format asks things
// of the hosts: both want quiet.
bool may_hurry(FaultKind before, FaultKind next) {
    const auto wants_quiet = [](FaultKind kind) { return kind == FaultKind::format_flip; };
    return !wants_quiet(before) && !wants_quiet(next) && next != FaultKind::host_kill;
}

FaultPlan::FaultPlan(std::uint64_t seed, const PlanSettings& settings)
    : random_(seed), settings_(settings) {}

FaultKind FaultPlan::draw_kind() {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
        all += weight_of(static_cast<FaultKind>(i), settings_);
    }
    std::uint64_t drawn = random_.below(all);
    std::size_t kind = 0;
    for (std::uint64_t weight = weight_of(FaultKind{}, settings_); drawn >= weight;
         weight = weight_of(static_cast<FaultKind>(kind), settings_)) {
        drawn -= weight;
        ++kind;
    }
    return static_cast<FaultKind>(kind);
}

Fault FaultPlan::next() {
    Fault fault;
    fault.number = ++number_;
    fault.kind = draw_kind();
    fault.hurried = random_.one_in(3) && may_hurry(before_, fault.kind);
    fault.wait_ns = fault.hurried ? random_.between_ms(0, 60) : random_.between_ms(20, 500);
    draw_details(fault);
    before_ = fault.kind;
    return fault;
}

void FaultPlan::draw_details(Fault& fault) {
    fault.host = static_cast<std::uint32_t>(random_.below(16));
    fault.step = static_cast<std::uint32_t>(random_.below(13));
    fault.twist = random_.one_in(2);
    fault.mode = draw_mode(random_);
    switch (fault.kind) {
        case FaultKind::driver_pause: fault.hold_ns = random_.between_ms(1, 400); break;
        case FaultKind::driver_stop: fault.hold_ns = random_.between_ms(2200, 4500); break;
        case FaultKind::delivery_refused:
        case FaultKind::host_starved: fault.hold_ns = random_.between_ms(50, 600); break;
        case FaultKind::format_flip: fault.hold_ns = random_.between_ms(100, 5000); break;
        case FaultKind::mode_storm: fault.hold_ns = random_.between_ms(50, 400); break;
        default: break;
    }
    reshape(fault);
}

void FaultPlan::reshape(Fault& fault) {
    constexpr const char* kPatterns[] = {"copy", "zero-copy", "small-damage"};
    constexpr const char* kFormats[] = {"bgra8", "rgb10", "fp16"};
    if (fault.kind == FaultKind::driver_upgrade) {
        shape_.protocol = static_cast<std::uint32_t>(2 + random_.below(5));
        shape_.copied_program = !shape_.copied_program;
        shape_.pattern = kPatterns[random_.below(std::size(kPatterns))];
    }
    fault.shape = shape_;
    if (fault.kind == FaultKind::format_flip) {
        while (fault.shape.format == shape_.format) {
            fault.shape.format = kFormats[random_.below(std::size(kFormats))];
        }
        if (fault.twist) {
            shape_ = fault.shape;
        }
    }
}

}  // namespace pf::chaos
