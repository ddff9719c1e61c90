// The driver's ten control operations: who may do what, with which status. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/adapter.hpp>
#include <pf/core/monitor_table.hpp>
#include <pf/core/owner.hpp>

namespace pf::core {

struct DriverConfig {
    std::uint32_t protocol_version = 6;  // 2..6 answered as that version's driver would; the
                                         // version is reported as it is, whatever it is
    std::uint32_t process_id = 0;        // AddReply::wudf_pid
    std::uint32_t luid_low = 0;
    std::int32_t luid_high = 0;
};

struct Completion {
    std::uint32_t status;
    std::size_t bytes_written;  // into `output`; 0 unless status is success
    // Why it is refused, one line for people, a literal; null: there is no more to say than the
    // status does, or the shell knows better (Adapter).
    const char* reason = nullptr;
};

class Dispatcher {
public:
    Dispatcher(const DriverConfig& config, Adapter& adapter);

    // `input` is the shell's own copy. `now_ns` is monotonic.
    Completion dispatch(Owner owner, std::uint32_t code, std::span<const std::byte> input,
                        std::span<std::byte> output, std::int64_t now_ns);

    // The last control connection of `owner` closed, or its process ended: its monitors depart.
    void owner_gone(Owner owner);

    // Runs the watchdog; call at least once a second.
    void tick(std::int64_t now_ns);

    // Departs everything, in order, for a stop.
    void depart_all();

    const MonitorTable& monitors() const { return table_; }
    // Set by SetRenderAdapter, else the config's.
    std::uint32_t luid_low() const { return config_.luid_low; }
    std::int32_t luid_high() const { return config_.luid_high; }

private:
    struct Call;  // one request on its way through

    Completion get_info(const Call& call);
    Completion add(const Call& call);
    Completion remove(const Call& call);
    Completion set_render_adapter(const Call& call);
    Completion set_frame_channel(const Call& call);
    Completion update_modes(const Call& call);
    Completion set_cursor_channel(const Call& call);
    Completion set_cursor_forward(const Call& call);
    Completion clear_all(const Call& call);
    Completion perform(const Call& call);

    Completion plug(const Call& call, const proto::AddRequest& request, Monitor*& added);
    void depart(std::uint32_t monitor_id);
    template <typename Predicate>
    void depart_if(Predicate departs);
    std::uint32_t behaviour() const;  // the protocol version acted as: 2..6

    DriverConfig config_;
    Adapter& adapter_;
    MonitorTable table_;
    std::uint32_t next_target_id_ = 1;  // 0 when used up
};

}  // namespace pf::core
