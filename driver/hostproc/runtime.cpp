#include "runtime.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <map>
#include <new>

#include <pf/core/attach_error.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::hostproc {
namespace {

std::uint32_t status_of(os::Reaction reaction) {
    switch (reaction) {
        case os::Reaction::reject: return proto::kStatusInvalidParameter;
        case os::Reaction::fallback: return proto::kStatusNotSupported;
        default: return proto::kStatusNotFound;
    }
}

constexpr std::uint32_t kFormats[] = {proto::kFormatBgra8, proto::kFormatRgb10a2,
                                      proto::kFormatRgba16f};

std::string format_name(std::uint32_t dxgi_format) {
    switch (dxgi_format) {
        case proto::kFormatBgra8: return "bgra8";
        case proto::kFormatRgb10a2: return "rgb10";
        case proto::kFormatRgba16f: return "fp16";
        default: return "pixel format " + std::to_string(dxgi_format);
    }
}

// As for a ring's objects: an immense one is not mapped.
constexpr std::uint64_t kMaxCursorBytes = std::uint64_t{1} << 20;

// What a frame of the mode can need, in the widest format and with padded rows.
std::uint64_t generous_slot_bytes(const core::Mode& mode) {
    return (std::uint64_t{mode.width} * 8 + 4096) * mode.height + 4096;
}

// Core has no exceptions: what fails by one here (no memory, no thread) is an error of that call.
template <typename Call>
os::Result<void> contained(const char* operation, Call call) {
    try {
        return call();
    } catch (const std::bad_alloc&) {
        return os::fail(operation, 0, os::Reaction::retry, "no memory");
    } catch (const std::exception& error) {
        return os::fail(operation, 0, os::Reaction::retry,
                        fmt::format("no thread or other means for it: {}", error.what()));
    }
}

}  // namespace

Runtime::Runtime(const core::DriverConfig& config, FrameSource& source, MonitorsChanged changed)
    : config_(config),
      source_(source),
      changed_(std::move(changed)),
      handles_(HandleTable::random_base(), kHandlesPerOwner),
      dispatcher_(config, *this) {}

Runtime::~Runtime() {
    dispatcher_.depart_all();
}

// For people: no reason to fail.
void Runtime::tell_monitors() const {
    const auto told = contained("tell the monitors", [this]() -> os::Result<void> {
        if (changed_) {
            changed_(monitor_lines());
        }
        return {};
    });
    if (!told) {
        spdlog::warn("{}", told.error().message());
    }
}

std::vector<std::string> Runtime::monitor_lines() const {
    std::map<std::uint32_t, std::string> lines;
    for (const auto& [target_id, monitor] : monitors_) {
        lines[monitor.monitor_id] =
            fmt::format("{}: {}x{}@{} (target {})", monitor.monitor_id, monitor.mode.width,
                        monitor.mode.height, monitor.mode.refresh_hz, target_id);
    }
    std::vector<std::string> in_order;
    for (auto& [monitor_id, line] : lines) {
        in_order.push_back(std::move(line));
    }
    return in_order;
}

Runtime::Outcome Runtime::control(core::Owner owner, std::uint32_t code,
                                  std::span<const std::byte> input, std::span<std::byte> output,
                                  std::int64_t now_ns) {
    calling_ = owner;
    said_.clear();
    said_final_ = false;
    Outcome done{dispatcher_.dispatch(owner, code, input, output, now_ns)};
    calling_ = 0;
    done.reason_line = said_.empty() && done.reason != nullptr ? done.reason : std::move(said_);
    done.final = said_final_;
    if (code != proto::kIoctlPing) {
        spdlog::debug("owner {}: operation {:#x} with {} bytes: status {:#x}", owner, code,
                      input.size(), done.status);
    }
    return done;
}

// For the host whose operation this is. Only what may pass is worth another try.
void Runtime::say(const os::Error& error) {
    try {
        said_ = error.message();
    } catch (const std::bad_alloc&) {
        said_.clear();
    }
    said_final_ =
        error.reaction == os::Reaction::reject || error.reaction == os::Reaction::fallback;
}

void Runtime::owner_gone(core::Owner owner) {
    dispatcher_.owner_gone(owner);
    handles_.drop_owner(owner);
}

bool Runtime::plug(const core::MonitorSpec& spec) {
    const auto plugged = contained("plug a monitor", [&] { return make_monitor(spec); });
    if (!plugged) {
        monitors_.erase(spec.target_id);
        spdlog::error("monitor {}: {}", spec.monitor_id, plugged.error().message());
        say(plugged.error());
        return false;
    }
    spdlog::info("monitor {} (target {}): {}x{}@{}{}", spec.monitor_id, spec.target_id,
                 spec.mode.width, spec.mode.height, spec.mode.refresh_hz,
                 spec.hw_cursor ? ", hardware cursor" : "");
    tell_monitors();
    return true;
}

// The source last: what it began would have to be ended again.
os::Result<void> Runtime::make_monitor(const core::MonitorSpec& spec) {
    core::PublisherConfig publisher;
    publisher.target_id = spec.target_id;
    publisher.luid_low = dispatcher_.luid_low();
    publisher.luid_high = dispatcher_.luid_high();
    publisher.protocol_version = config_.protocol_version;
    auto output = MonitorOutput::create(publisher, spec.hw_cursor);
    if (!output) {
        return tl::unexpected(output.error());
    }
    Monitor& monitor = monitors_[spec.target_id];
    monitor = {std::move(*output), spec.monitor_id, spec.mode};
    return source_.plug(spec, *monitor.output);
}

void Runtime::unplug(std::uint32_t target_id) {
    const auto found = monitors_.find(target_id);
    if (found == monitors_.end()) {
        return;
    }
    const auto unplugged = contained("unplug a monitor", [&]() -> os::Result<void> {
        source_.unplug(target_id);
        return {};
    });
    if (!unplugged) {
        spdlog::error("target {}: {}", target_id, unplugged.error().message());
    }
    found->second.output->detach();
    monitors_.erase(found);
    spdlog::info("target {}: departed", target_id);
    tell_monitors();
}

std::uint32_t Runtime::set_modes(std::uint32_t target_id, const core::ModeList& modes) {
    const auto found = monitors_.find(target_id);
    if (found == monitors_.end()) {
        return proto::kStatusNotFound;
    }
    const core::Mode& mode = modes.preferred();
    if (auto set = try_set_mode(target_id, mode); !set) {
        spdlog::warn("target {}: {}", target_id, set.error().message());
        say(set.error());
        return status_of(set.error().reaction);
    }
    found->second.mode = mode;
    spdlog::info("target {}: now {}x{}@{}", target_id, mode.width, mode.height, mode.refresh_hz);
    tell_monitors();
    return proto::kStatusSuccess;
}

os::Result<void> Runtime::try_set_mode(std::uint32_t target_id, const core::Mode& mode) {
    return contained("set mode", [&] { return source_.set_mode(target_id, mode); });
}

bool Runtime::set_render_adapter(std::uint32_t, std::int32_t) {
    return true;  // one adapter, under whatever name the host prefers
}

bool Runtime::knows_handle(core::Owner owner, std::uint64_t value) {
    return handles_.knows(owner, value);
}

void Runtime::attach_ring(std::uint32_t target_id, const core::RingDelivery& delivery) {
    DeliveredHandles handles = take_delivered(handles_, calling_, delivery);
    const auto attached = contained("attach a ring", [&]() -> os::Result<void> {
        open_and_attach(target_id, std::move(handles), delivery);
        return {};
    });
    if (!attached) {
        spdlog::error("target {}: {}", target_id, attached.error().message());
        if (const auto found = monitors_.find(target_id); found != monitors_.end()) {
            found->second.output->detach();
        }
    }
}

void Runtime::open_and_attach(std::uint32_t target_id, DeliveredHandles handles,
                              const core::RingDelivery& delivery) {
    OpenedRing opened = open_ring(std::move(handles), delivery);
    const auto found = monitors_.find(target_id);
    if (found == monitors_.end()) {
        return;
    }
    MonitorOutput& output = *found->second.output;
    if (opened.error_code != 0) {
        spdlog::warn("target {}: ring refused, {}", target_id, opened.detail);
        said_ = opened.detail;
    }
    if (!opened.ring) {
        output.detach();
        return;
    }
    opened.ring->id = next_ring_id_++;
    if (opened.error_code != 0) {
        output.attach_failed(*opened.ring, delivery.generation, delivery.ring_len,
                             opened.error_code);
        return;
    }
    if (refuse_format(target_id, *opened.ring, delivery)) {
        return;
    }
    output.attach(opened.ring, delivery.generation, delivery.ring_len);
    prefaulter_.add(opened.ring, generous_slot_bytes(found->second.mode));
}

// A host that changes its header afterwards gets no frames: each is held against the ring's copy.
bool Runtime::refuse_format(std::uint32_t target_id, const MappedRing& ring,
                            const core::RingDelivery& delivery) {
    const auto& header = *reinterpret_cast<const proto::SharedHeader*>(ring.header.bytes().data());
    const std::uint32_t format = proto::load_relaxed(header.dxgi_format);
    if (proto::bytes_per_pixel(format) == 0 || source_.gives(format)) {
        return false;  // what is no format at all, the publisher refuses
    }
    said_ = fmt::format("{} is not what this source has; it gives {}", format_name(format),
                        formats_given());
    said_final_ = true;
    spdlog::warn("target {}: ring refused, {}", target_id, said_);
    monitors_.at(target_id).output->attach_failed(
        ring, delivery.generation, delivery.ring_len,
        static_cast<std::uint32_t>(core::AttachError::format_not_given));
    return true;
}

std::string Runtime::formats_given() const {
    std::string names;
    for (const std::uint32_t format : kFormats) {
        if (source_.gives(format)) {
            names += (names.empty() ? "" : ", ") + format_name(format);
        }
    }
    return names.empty() ? "none yet" : names;
}

void Runtime::attach_cursor(std::uint32_t target_id, std::uint64_t section) {
    os::Handle handle = handles_.take(calling_, section);
    const auto attached = contained("attach a cursor section", [&]() -> os::Result<void> {
        open_and_attach_cursor(target_id, std::move(handle));
        return {};
    });
    if (!attached) {
        spdlog::error("target {}: {}", target_id, attached.error().message());
    }
}

void Runtime::open_and_attach_cursor(std::uint32_t target_id, os::Handle section) {
    MappedCursor cursor;
    auto region = os::Region::adopt(std::move(section), proto::kCursorSectionBytes);
    if (!region) {
        spdlog::warn("target {}: cursor section refused, {}", target_id, region.error().message());
        return;
    }
    if (region->size() > kMaxCursorBytes) {
        spdlog::warn("target {}: cursor section refused, it has {} bytes", target_id,
                     region->size());
        return;
    }
    auto mapping = os::WritableMapping::map(*region);
    if (!mapping) {
        spdlog::warn("target {}: cursor section, {}", target_id, mapping.error().message());
        return;
    }
    cursor.region = std::move(*region);
    cursor.mapping = std::move(*mapping);
    if (const auto found = monitors_.find(target_id); found != monitors_.end()) {
        found->second.output->attach_cursor(std::move(cursor));
    }
}

void Runtime::set_cursor_forward(std::uint32_t target_id, bool enable) {
    if (const auto found = monitors_.find(target_id); found != monitors_.end()) {
        found->second.output->set_cursor_forward(enable);
    }
}

}  // namespace pf::hostproc
