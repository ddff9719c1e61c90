// The driver process around driver core: it keeps the handle table and the monitors' outputs, and
// acts on what core decides. Owned by main; control thread only.
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

#include "frame_source.hpp"
#include "handle_table.hpp"
#include "monitor_output.hpp"
#include "prefaulter.hpp"
#include "ring_opener.hpp"

namespace pf::hostproc {

class Runtime final : private core::Adapter {
public:
    // Enough for 15 monitors with a ring and a cursor channel each, twice over.
    static constexpr std::size_t kHandlesPerOwner = 512;

    // Told whenever monitors came, went or changed: one line for people each, by monitor id.
    using MonitorsChanged = std::function<void(std::vector<std::string>)>;

    // `source` outlives this, and so does what `changed` refers to.
    Runtime(const core::DriverConfig& config, FrameSource& source, MonitorsChanged changed = {});
    ~Runtime() override;  // departs every monitor

    // A completion with what is to be said about it; see proto/transport.hpp.
    struct Outcome : core::Completion {
        std::string reason_line = {};  // empty: nothing
        bool final = false;            // the same request will fail again
    };
    // One control operation of a host process; `input` is the caller's own copy.
    Outcome control(core::Owner owner, std::uint32_t code, std::span<const std::byte> input,
                    std::span<std::byte> output, std::int64_t now_ns);
    // nullopt: the owner has its share already; the handle is closed.
    std::optional<std::uint64_t> give(core::Owner owner, os::Handle handle,
                                      std::uint64_t connection = 0) {
        return handles_.give(owner, std::move(handle), connection);
    }
    bool close(core::Owner owner, std::uint64_t value) { return handles_.close(owner, value); }
    // One of several connections of the process ended: what it gave over that and did not deliver.
    void connection_gone(core::Owner owner, std::uint64_t connection) {
        handles_.drop_connection(owner, connection);
    }
    // The process ended or closed its last connection: its monitors and its handles go.
    void owner_gone(core::Owner owner);
    void tick(std::int64_t now_ns) { dispatcher_.tick(now_ns); }

    std::size_t monitor_count() const { return monitors_.size(); }
    std::size_t handle_count() const { return handles_.size(); }

private:
    struct Monitor {
        std::unique_ptr<MonitorOutput> output;
        std::uint32_t monitor_id = 0;
        core::Mode mode{};
    };

    bool plug(const core::MonitorSpec& spec) override;
    void unplug(std::uint32_t target_id) override;
    std::uint32_t set_modes(std::uint32_t target_id, const core::ModeList& modes) override;
    bool set_render_adapter(std::uint32_t luid_low, std::int32_t luid_high) override;
    bool knows_handle(core::Owner owner, std::uint64_t value) override;
    void attach_ring(std::uint32_t target_id, const core::RingDelivery& delivery) override;
    void attach_cursor(std::uint32_t target_id, std::uint64_t section) override;
    void set_cursor_forward(std::uint32_t target_id, bool enable) override;

    os::Result<void> make_monitor(const core::MonitorSpec& spec);
    os::Result<void> try_set_mode(std::uint32_t target_id, const core::Mode& mode);
    void open_and_attach(std::uint32_t target_id, DeliveredHandles handles,
                         const core::RingDelivery& delivery);
    void open_and_attach_cursor(std::uint32_t target_id, os::Handle section);
    void tell_monitors() const;
    std::vector<std::string> monitor_lines() const;
    void say(const os::Error& error);
    bool refuse_format(std::uint32_t target_id, const MappedRing& ring,
                       const core::RingDelivery& delivery);
    std::string formats_given() const;

    core::DriverConfig config_;
    FrameSource& source_;
    MonitorsChanged changed_;
    HandleTable handles_;
    std::unordered_map<std::uint32_t, Monitor> monitors_;  // by target id
    Prefaulter prefaulter_;
    core::Owner calling_ = 0;  // whose operation core is at
    std::string said_;         // about that operation, for its host
    bool said_final_ = false;
    std::uint64_t next_ring_id_ = 1;
    core::Dispatcher dispatcher_;
};

}  // namespace pf::hostproc
