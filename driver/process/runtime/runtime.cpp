#include "runtime.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include <pf/core/attach_error.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/shared_access.hpp>

#include "process/output/contained.hpp"
#include "process/output/mode_text.hpp"

namespace pf::driver {
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

}  // namespace

Runtime::Runtime(const core::DriverConfig& config, HandleSource& handles, FrameSource& source,
                 std::shared_ptr<CompletionQueue> completions, MonitorsChanged changed)
    : config_(config),
      handles_(handles),
      source_(source),
      completions_(std::move(completions)),
      changed_(std::move(changed)),
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
    for (const auto& [number, monitor] : monitors_) {
        if (monitor.there) {
            lines[monitor.monitor_id] = fmt::format("{}: {} (target {})", monitor.monitor_id,
                                                    to_string(monitor.mode), number);
        }
    }
    std::vector<std::string> in_order;
    for (auto& [monitor_id, line] : lines) {
        in_order.push_back(std::move(line));
    }
    return in_order;
}

std::optional<Runtime::Outcome> Runtime::control(const core::Request& request) {
    const auto done = dispatcher_.dispatch(request);
    if (request.code != proto::kIoctlPing) {
        spdlog::debug("owner {}: operation {:#x} with {} bytes: {}", request.owner, request.code,
                      request.input.size(),
                      done ? fmt::format("status {:#x}", done->status) : "begun");
    }
    return done ? std::optional(outcome_of(*done)) : std::nullopt;
}

std::optional<Runtime::Answer> Runtime::next_answer(std::int64_t now_ns) {
    for (;;) {
        if (const auto finished = dispatcher_.next_finished()) {
            return Answer{finished->id, outcome_of(finished->completion)};
        }
        const auto completion = completions_->take();
        if (!completion) {
            return std::nullopt;
        }
        settle(*completion, now_ns);
    }
}

// Where core gives no reason, what was said is about this operation.
Runtime::Outcome Runtime::outcome_of(const core::Completion& done) {
    Outcome outcome{done};
    if (done.reason == nullptr) {
        outcome.reason_line = std::exchange(said_, {});
        outcome.final = std::exchange(said_final_, false);
        return outcome;
    }
    (void)contained("say why", [&]() -> os::Result<void> {
        outcome.reason_line = done.reason;
        return {};
    });
    return outcome;
}

void Runtime::settle(const SourceCompletion& completion, std::int64_t now_ns) {
    switch (completion.task) {
        case SourceTask::plug: plugged(completion.number, completion.result, now_ns); break;
        case SourceTask::set_mode: mode_set(completion.number, completion.result, now_ns); break;
        case SourceTask::unplug: dispatcher_.unplugged(completion.number); break;
    }
}

// For the log, and for the host whose operation this is. Only what may pass is worth another try.
void Runtime::report(core::MonitorNumber number, const os::Error& error) {
    said_final_ =
        error.reaction == os::Reaction::reject || error.reaction == os::Reaction::fallback;
    said_.clear();
    (void)contained("report", [&]() -> os::Result<void> {
        said_ = error.message();
        spdlog::warn("target {}: {}", number, said_);
        return {};
    });
}

void Runtime::owner_gone(core::Owner owner) {
    dispatcher_.owner_gone(owner);
    handles_.drop_owner(owner);
}

void Runtime::plug(core::Owner, const core::MonitorSpec& spec) {
    Completer done(completions_, SourceTask::plug, spec.number);
    auto begun = contained("plug a monitor", [&] { return make_monitor(spec, std::move(done)); });
    if (!begun) {
        done.finish(std::move(begun));
    }
}

// The source last: what it began would have to be ended again.
os::Result<void> Runtime::make_monitor(const core::MonitorSpec& spec, Completer&& done) {
    core::PublisherConfig publisher;
    publisher.target_id = spec.number;
    publisher.luid_low = dispatcher_.adapter_luid().low;
    publisher.luid_high = dispatcher_.adapter_luid().high;
    publisher.protocol_version = config_.protocol_version;
    auto output = MonitorOutput::create(publisher, spec.hw_cursor);
    if (!output) {
        return tl::unexpected(output.error());
    }
    Monitor& monitor = monitors_[spec.number];
    monitor = {std::move(*output), spec.monitor_id, spec.mode, spec.mode};
    source_.plug(spec, monitor.output, std::move(done));
    return {};
}

// Core first: what is said about it may find no memory.
void Runtime::plugged(core::MonitorNumber number, const os::Result<void>& result,
                      std::int64_t now_ns) {
    const auto found = monitors_.find(number);
    dispatcher_.plugged(number, {.there = result.has_value()}, now_ns);
    if (found == monitors_.end()) {
        return;  // it departed meanwhile
    }
    if (!result) {
        monitors_.erase(found);
        report(number, result.error());
        return;
    }
    Monitor& monitor = found->second;
    monitor.there = true;
    spdlog::info("monitor {} (target {}): {}", monitor.monitor_id, number, to_string(monitor.mode));
    tell_monitors();
}

// The ring is finished at once; what its source still does for it goes nowhere.
void Runtime::unplug(core::MonitorNumber number) {
    source_.unplug(number, Completer(completions_, SourceTask::unplug, number));
    const auto found = monitors_.find(number);
    if (found == monitors_.end()) {
        return;
    }
    found->second.output->detach();
    monitors_.erase(found);
    spdlog::info("target {}: departed", number);
    tell_monitors();
}

void Runtime::set_modes(core::Owner, core::MonitorNumber number, const core::ModeList& modes) {
    const core::Mode mode = modes.preferred();
    Completer done(completions_, SourceTask::set_mode, number);
    auto begun = contained("set mode", [&]() -> os::Result<void> {
        monitors_.at(number).next_mode = mode;
        source_.set_mode(number, mode, std::move(done));
        return {};
    });
    if (!begun) {
        done.finish(std::move(begun));
    }
}

void Runtime::mode_set(core::MonitorNumber number, const os::Result<void>& result,
                       std::int64_t now_ns) {
    const auto found = monitors_.find(number);
    // Before core goes on to the next one.
    if (result && found != monitors_.end()) {
        found->second.mode = found->second.next_mode;
    }
    dispatcher_.modes_set(
        number, result ? proto::kStatusSuccess : status_of(result.error().reaction), now_ns);
    if (found == monitors_.end()) {
        return;
    }
    if (!result) {
        report(number, result.error());
        return;
    }
    spdlog::info("target {}: now {}", number, to_string(found->second.mode));
    tell_monitors();
}

bool Runtime::set_render_adapter(const core::Luid&) {
    return true;  // one adapter, under whatever name the host prefers
}

bool Runtime::knows_handle(core::Owner owner, std::uint64_t value) {
    return handles_.knows(owner, value);
}

void Runtime::attach_ring(core::Owner owner, core::MonitorNumber number,
                          const core::RingDelivery& delivery) {
    DeliveredHandles handles = take_delivered(handles_, owner, delivery);
    const auto attached = contained("attach a ring", [&]() -> os::Result<void> {
        open_and_attach(number, std::move(handles), delivery);
        return {};
    });
    if (!attached) {
        spdlog::error("target {}: {}", number, attached.error().message());
        if (const auto found = monitors_.find(number); found != monitors_.end()) {
            found->second.output->detach();
        }
    }
}

void Runtime::open_and_attach(core::MonitorNumber number, DeliveredHandles handles,
                              const core::RingDelivery& delivery) {
    OpenedRing opened = open_ring(std::move(handles), delivery);
    const auto found = monitors_.find(number);
    if (found == monitors_.end()) {
        return;
    }
    MonitorOutput& output = *found->second.output;
    if (opened.error_code != 0) {
        spdlog::warn("target {}: ring refused, {}", number, opened.detail);
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
    if (refuse_format(number, *opened.ring, delivery)) {
        return;
    }
    output.attach(opened.ring, delivery.generation, delivery.ring_len);
    prefaulter_.add(opened.ring, generous_slot_bytes(found->second.mode));
}

// A host that changes its header afterwards gets no frames: each is held against the ring's copy.
bool Runtime::refuse_format(core::MonitorNumber number, const MappedRing& ring,
                            const core::RingDelivery& delivery) {
    const auto& header = *reinterpret_cast<const proto::SharedHeader*>(ring.header.bytes().data());
    const std::uint32_t format = proto::load_relaxed(header.dxgi_format);
    if (proto::bytes_per_pixel(format) == 0 || source_.gives(format)) {
        return false;  // what is no format at all, the publisher refuses
    }
    said_ = fmt::format("{} is not what this source has; it gives {}", format_name(format),
                        formats_given());
    said_final_ = true;
    spdlog::warn("target {}: ring refused, {}", number, said_);
    monitors_.at(number).output->attach_failed(
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

void Runtime::attach_cursor(core::Owner owner, core::MonitorNumber number, std::uint64_t section) {
    os::Handle handle = handles_.take(owner, section);
    const auto attached = contained("attach a cursor section", [&]() -> os::Result<void> {
        open_and_attach_cursor(number, std::move(handle));
        return {};
    });
    if (!attached) {
        spdlog::error("target {}: {}", number, attached.error().message());
    }
}

void Runtime::open_and_attach_cursor(core::MonitorNumber number, os::Handle section) {
    MappedCursor cursor;
    auto region = os::Region::adopt(std::move(section), proto::kCursorSectionBytes);
    if (!region) {
        spdlog::warn("target {}: cursor section refused, {}", number, region.error().message());
        return;
    }
    if (region->size() > kMaxCursorBytes) {
        spdlog::warn("target {}: cursor section refused, it has {} bytes", number, region->size());
        return;
    }
    auto mapping = os::WritableMapping::map(*region);
    if (!mapping) {
        spdlog::warn("target {}: cursor section, {}", number, mapping.error().message());
        return;
    }
    cursor.region = std::move(*region);
    cursor.mapping = std::move(*mapping);
    if (const auto found = monitors_.find(number); found != monitors_.end()) {
        found->second.output->attach_cursor(std::move(cursor));
    }
}

void Runtime::set_cursor_forward(core::MonitorNumber number, bool enable) {
    if (const auto found = monitors_.find(number); found != monitors_.end()) {
        found->second.output->set_cursor_forward(enable);
    }
}

}  // namespace pf::driver
