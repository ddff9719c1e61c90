// A machine's screens that lie as real ones were seen to: a call that succeeds and changes nothing,
// one that fails and changes something, one that works a moment later; queries that fail; monitors
// that come and go; numbers that are others after a restart; and a program that dies at any call.
// It knows which screens their owner is owed, and keeps the first breach of that.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <pf/host/topology.hpp>

namespace pf::host::test {

inline constexpr std::int64_t kLongAgoNs = -1'000'000'000;

struct SimulatedMonitor {
    int number = 0;
    bool physical = true;
    bool connected = true;
    bool lit = false;
    bool owed = false;  // lit by its owner, or by the system without our doing
    os::DisplayEnd target;
    std::uint32_t source = 0;
    Mode mode;
    std::int32_t x = 0;
    std::vector<Mode> published;
    bool seen_lit = false;
    bool unknown = false;               // it came after the look that the last change followed from
    std::int64_t gone_ns = kLongAgoNs;  // its target is listed a little longer
};

class SimulatedScreens final : public os::DisplaySystem, public JournalStore, public os::Clock {
public:
    explicit SimulatedScreens(std::uint64_t seed);

    // What the program under test sees.
    os::Result<os::DisplayPaths> query(os::DisplayScope scope) override;
    os::Result<void> apply(const os::DisplayPaths& paths) override;
    os::Result<void> extend() override;
    os::Result<void> wake() override { return {}; }
    os::Result<std::optional<std::string>> read() override;
    os::Result<void> write(std::string_view text) override;
    os::Result<void> remove() override;
    std::int64_t now_ns() const override { return now_ns_; }
    bool wait(std::span<os::WaitItem> items, std::int64_t deadline_ns) const override;

    // What happens to it.
    os::DisplayEnd plug_virtual(const Mode& mode);
    void unplug_virtual(const os::DisplayEnd& target);
    void restart(bool of_the_machine);
    void crash_within(int calls) { crash_in_ = below(calls); }
    void damage_journal();
    void owner_switches_something_off();
    void become_fair(int lies_left);

    bool crashed() const { return crashed_; }
    bool damaged() const { return damaged_; }
    const SimulatedMonitor* find(const os::DisplayEnd& target) const;
    bool is_lit_alone(const std::vector<os::DisplayEnd>& targets) const;
    bool seen_as_is() const { return seen_as_is_; }  // nothing came or went since the last look
    bool owner_is_served() const;                    // what is owed and connected is lit
    bool has_journal() const { return journal_.has_value(); }
    const std::string& breach() const { return breach_; }
    void set_breach(const std::string& what);

    int below(int limit);  // 0 to limit - 1
    bool chance(int percent) { return below(100) < percent; }

private:
    struct Delayed {
        std::int64_t at_ns;
        os::DisplayPaths paths;
    };

    bool enter();  // false: the program is dead, and this call does nothing
    bool lies();
    os::Result<void> change(const std::optional<os::DisplayPaths>& paths);
    os::Result<void> lie(const std::optional<os::DisplayPaths>& paths);
    std::int64_t refusal(const os::DisplayPaths& paths) const;  // 0: none
    std::int64_t refusal(const os::DisplayPath& path) const;
    void carry_out(const std::optional<os::DisplayPaths>& paths);
    void light(const os::DisplayPaths& paths);
    void light_all();
    void light_at_random();
    void give_sources();
    void finish_delayed(bool all);
    void something_happens();
    void plug(SimulatedMonitor& monitor);
    void unplug(SimulatedMonitor& monitor);
    void check();
    void add_paths(os::DisplayPaths& paths, const SimulatedMonitor& monitor,
                   os::DisplayScope scope) const;

    std::mt19937_64 random_;
    mutable std::int64_t now_ns_ = 1'000'000'000;
    std::vector<SimulatedMonitor> monitors_;
    std::uint64_t gpu_ = 0x1000;
    std::uint64_t virtual_adapter_ = 0x2000;
    std::uint32_t next_virtual_id_ = 256;
    std::optional<std::string> journal_;
    std::optional<Delayed> delayed_;
    int crash_in_ = -1;
    bool crashed_ = false;
    bool damaged_ = false;
    bool seen_as_is_ = false;
    bool fair_ = false;
    int lies_left_ = 0;
    int lie_percent_ = 0;
    int blind_percent_ = 0;
    int blind_for_ = 0;  // queries that fail in a row
    std::string breach_;
};

}  // namespace pf::host::test
