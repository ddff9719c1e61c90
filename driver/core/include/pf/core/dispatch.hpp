// The driver's ten control operations, and our own two for exact rates: who may do what, with which
// status. One thread at a time.
//
// Add and UpdateModes ask the system for something that may take it long. They are begun by
// dispatch(), and answered when the shell tells the end; meanwhile everything else is served.
// Remove, ClearAll and the end of an owner take effect at once: the monitor answers to nobody any
// more, what was asked of it and is not answered yet is refused, and its id and connector are given
// to nobody before the shell said that it is gone. So:
// - an Add of a session id that the owner uses already departs the old monitor, one that is still
//   on its way too, and waits until that is gone when it gets its id;
// - two Adds that prefer the same id get different ones;
// - an UpdateModes waits for the Add or the UpdateModes before it; of several that wait, the newest
//   counts, and the others are refused.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pf/core/adapter.hpp>
#include <pf/core/monitor_table.hpp>
#include <pf/core/owner.hpp>
#include <pf/core/request.hpp>

namespace pf::core {

struct DriverConfig {
    std::uint32_t protocol_version = 6;  // 2..6 answered as that version's driver would; the
                                         // version is reported as it is, whatever it is
    std::uint32_t process_id = 0;        // AddReply::wudf_pid
    std::uint32_t luid_low = 0;
    std::int32_t luid_high = 0;
};

class Dispatcher {
public:
    Dispatcher(const DriverConfig& config, Adapter& adapter);

    // nullopt: begun. Its answer comes from next_finished(), after a later call.
    std::optional<Completion> dispatch(const Request& request);

    // What became of what the adapter was asked. About a monitor that departed meanwhile plugged()
    // and modes_set() say nothing. `status` is kStatusSuccess or why the old mode stays.
    void plugged(MonitorNumber number, const PlugResult& result, std::int64_t now_ns);
    void modes_set(MonitorNumber number, std::uint32_t status, std::int64_t now_ns);
    void unplugged(MonitorNumber number);

    // The requests that were begun and have their answer now, oldest first. To be emptied after
    // every other call: there is room for what one of them can end.
    std::optional<Finished> next_finished();

    // The last control connection of `owner` closed, or its process ended: its monitors depart.
    void owner_gone(Owner owner);

    // Runs the watchdog; call at least once a second. An owner that waits for an answer lives.
    void tick(std::int64_t now_ns);

    // Departs everything, in order, for a stop.
    void depart_all();

    const MonitorTable& monitors() const { return table_; }
    // Set by SetRenderAdapter, else the config's.
    Luid adapter_luid() const { return {config_.luid_low, config_.luid_high}; }

private:
    struct Call;  // one request on its way through

    std::optional<Completion> perform(const Call& call);
    Completion get_info(const Call& call);
    std::optional<Completion> add(const Call& call);
    Completion remove(const Call& call);
    Completion set_render_adapter(const Call& call);
    Completion set_frame_channel(const Call& call);
    std::optional<Completion> update_modes(const Call& call);
    Completion set_cursor_channel(const Call& call);
    Completion set_cursor_forward(const Call& call);
    Completion clear_all(const Call& call);

    std::optional<Completion> add_exact(const Call& call);
    std::optional<Completion> update_modes_exact(const Call& call);

    // `refresh_millihertz` is 0 where the whole hertz of the request are exact.
    std::optional<Completion> arrive(const Call& call, const proto::AddRequest& request,
                                     std::uint32_t refresh_millihertz);
    std::optional<Completion> change(const Call& call, const proto::UpdateModesRequest& request,
                                     std::uint32_t refresh_millihertz);
    void plug_when_free(Monitor& monitor);
    Completion arrived(const Monitor& monitor, const std::optional<Luid>& adapter) const;
    void change_next(Monitor& monitor);
    void finish(RequestId request, const Completion& completion);
    template <typename Pending>
    void refuse(std::optional<Pending>& pending, const char* reason);
    void refuse_all(Monitor& monitor, const char* reason);
    void depart(std::uint32_t monitor_id, const char* reason);
    template <typename Predicate>
    void depart_if(Predicate departs, const char* reason);
    std::uint32_t behaviour() const;  // the protocol version acted as: 2..6

    // An Add or two UpdateModes of each monitor at most.
    static constexpr std::size_t kMostFinished = 3 * proto::kMonitorIdLast;

    DriverConfig config_;
    Adapter& adapter_;
    MonitorTable table_;
    MonitorNumber next_number_ = 1;  // 0 when used up
    std::array<Finished, kMostFinished> finished_ = {};
    std::size_t finished_count_ = 0;
    std::size_t finished_taken_ = 0;
};

}  // namespace pf::core
