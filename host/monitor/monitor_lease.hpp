// A share in a monitor. The last one to end lets it linger, stay pinned, or depart. A lease whose
// monitor was replaced in the meantime is stale: its end does nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace pf::host {

class MonitorManager;
struct MonitorSlot;

class MonitorLease {
public:
    MonitorLease() = default;
    MonitorLease(MonitorLease&& other) noexcept { swap(other); }
    MonitorLease& operator=(MonitorLease&& other) noexcept {
        MonitorLease(std::move(other)).swap(*this);
        return *this;
    }
    ~MonitorLease() { end(); }

    explicit operator bool() const { return slot_ != nullptr; }
    void end();

private:
    friend class MonitorManager;
    MonitorLease(std::shared_ptr<MonitorManager> manager, std::shared_ptr<MonitorSlot> slot,
                 std::uint64_t generation)
        : manager_(std::move(manager)), slot_(std::move(slot)), generation_(generation) {}
    void swap(MonitorLease& other) noexcept {
        std::swap(manager_, other.manager_);
        std::swap(slot_, other.slot_);
        std::swap(generation_, other.generation_);
    }

    std::shared_ptr<MonitorManager> manager_;
    std::shared_ptr<MonitorSlot> slot_;
    std::uint64_t generation_ = 0;
};

}  // namespace pf::host
