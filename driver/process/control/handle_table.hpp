// The handles that host processes gave us, by the value that names each until an operation adopts
// it: what a process's handle table is to Windows' DuplicateHandle. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include <pf/core/dispatch.hpp>
#include <pf/os/handle.hpp>

#include "process/runtime/handle_source.hpp"

namespace pf::driver {

class HandleTable final : public HandleSource {
public:
    // Enough for 15 monitors with a ring and a cursor channel each, twice over.
    static constexpr std::size_t kUsualLimit = 512;

    // Values count up from `first_value` (never 0) and are never used again, so that a value of
    // an earlier delivery, or of an earlier driver, names nothing.
    explicit HandleTable(std::uint64_t first_value = random_base(),
                         std::size_t limit_per_owner = kUsualLimit)
        : next_value_(first_value), limit_per_owner_(limit_per_owner) {}

    // A base that differs from driver to driver.
    static std::uint64_t random_base();

    // nullopt, and the handle closed: the owner has its share. `connection` is the one that it came
    // over; 0: none, it stays until its owner goes.
    std::optional<std::uint64_t> give(core::Owner owner, os::Handle handle,
                                      std::uint64_t connection = 0);
    bool knows(core::Owner owner, std::uint64_t value) const override;
    // The handle leaves the table for good. Empty: no such value, or another owner's.
    os::Handle take(core::Owner owner, std::uint64_t value) override;
    // False: no such value, or another owner's; then nothing is closed.
    bool close(core::Owner owner, std::uint64_t value) {
        return static_cast<bool>(take(owner, value));
    }
    // Closes what came over the connection and no operation adopted: its host, which is to take
    // that back, cannot name it any more.
    void drop_connection(core::Owner owner, std::uint64_t connection);
    // Closes what the owner gave and no operation adopted.
    void drop_owner(core::Owner owner) override { owners_.erase(owner); }

    std::size_t size() const;

private:
    struct Entry {
        os::Handle handle;
        std::uint64_t connection;
    };
    using Values = std::unordered_map<std::uint64_t, Entry>;

    std::uint64_t next_value_;
    std::size_t limit_per_owner_;
    std::map<core::Owner, Values> owners_;  // none is empty
};

}  // namespace pf::driver
