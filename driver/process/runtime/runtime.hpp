// The driver process around driver core: it keeps the monitors' outputs, and acts on what core
// decides. A monitor's number is its target id here. Owned by its shell; control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <pf/core/dispatch.hpp>

#include "handle_source.hpp"
#include "process/output/frame_source.hpp"
#include "process/output/monitor_output.hpp"
#include "process/output/prefaulter.hpp"
#include "ring_opener.hpp"

namespace pf::driver {

class Runtime final : private core::Adapter {
public:
    // Told whenever monitors came, went or changed: one line for people each, by monitor id.
    using MonitorsChanged = std::function<void(std::vector<std::string>)>;

    // `handles` and `source` outlive this, and so does what `changed` refers to. `completions` is
    // this runtime's alone.
    Runtime(const core::DriverConfig& config, HandleSource& handles, FrameSource& source,
            std::shared_ptr<CompletionQueue> completions, MonitorsChanged changed = {});
    // Tells the source to depart every monitor; does not wait for it.
    ~Runtime() override;

    // A completion with what is to be said about it; see proto/transport.hpp.
    struct Outcome : core::Completion {
        std::string reason_line = {};  // empty: nothing
        bool final = false;            // the same request will fail again
    };
    struct Answer {
        core::RequestId request = 0;
        Outcome outcome;
    };
    // One control operation of a host process. nullopt: begun; next_answer() has it later. Before
    // every other call and after every one that returns, next_answer() is to be emptied: any of
    // them may end requests that were begun.
    std::optional<Outcome> control(const core::Request& request);
    // The answer of a request that was begun, if there is one now.
    std::optional<Answer> next_answer(std::int64_t now_ns);
    // Signalled when next_answer() may have something new.
    const os::Event& completed() const { return completions_->arrived(); }
    // The process ended or closed its last connection: its monitors and its handles go.
    void owner_gone(core::Owner owner);
    void tick(std::int64_t now_ns) { dispatcher_.tick(now_ns); }

    std::size_t monitor_count() const { return monitors_.size(); }

private:
    struct Monitor {
        std::shared_ptr<MonitorOutput> output;  // the source's too
        std::uint32_t monitor_id = 0;
        core::Mode mode{};
        core::Mode next_mode{};  // the source is at it
        bool there = false;
    };

    void plug(core::Owner owner, const core::MonitorSpec& spec) override;
    void unplug(core::MonitorNumber number) override;
    void set_modes(core::Owner owner, core::MonitorNumber number,
                   const core::ModeList& modes) override;
    bool set_render_adapter(const core::Luid& luid) override;
    bool knows_handle(core::Owner owner, std::uint64_t value) override;
    void attach_ring(core::Owner owner, core::MonitorNumber number,
                     const core::RingDelivery& delivery) override;
    void attach_cursor(core::Owner owner, core::MonitorNumber number,
                       std::uint64_t section) override;
    void set_cursor_forward(core::MonitorNumber number, bool enable) override;

    os::Result<void> make_monitor(const core::MonitorSpec& spec, Completer&& done);
    void settle(const SourceCompletion& completion, std::int64_t now_ns);
    void plugged(core::MonitorNumber number, const os::Result<void>& result, std::int64_t now_ns);
    void mode_set(core::MonitorNumber number, const os::Result<void>& result, std::int64_t now_ns);
    Outcome outcome_of(const core::Completion& done);
    void open_and_attach(core::MonitorNumber number, DeliveredHandles handles,
                         const core::RingDelivery& delivery);
    void open_and_attach_cursor(core::MonitorNumber number, os::Handle section);
    void tell_monitors() const;
    std::vector<std::string> monitor_lines() const;
    void report(core::MonitorNumber number, const os::Error& error);
    bool refuse_format(core::MonitorNumber number, const MappedRing& ring,
                       const core::RingDelivery& delivery);
    std::string formats_given() const;

    core::DriverConfig config_;
    HandleSource& handles_;
    FrameSource& source_;
    std::shared_ptr<CompletionQueue> completions_;
    MonitorsChanged changed_;
    std::unordered_map<core::MonitorNumber, Monitor> monitors_;
    Prefaulter prefaulter_;
    std::string said_;  // about the operation that core is at, for its host
    bool said_final_ = false;
    std::uint64_t next_ring_id_ = 1;
    core::Dispatcher dispatcher_;
};

}  // namespace pf::driver
