// A carrier that keeps what was completed, for tests. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "wdmsim/carrier.hpp"

namespace pf::driver::test {

class FakeCarrier final : public Carrier {
public:
    struct Completed {
        std::uint32_t status;
        std::vector<std::byte> output;
    };

    void complete(RequestNumber number, std::uint32_t status,
                  std::span<const std::byte> output) noexcept override {
        const std::lock_guard locked(mutex_);
        completed_[number] = {status, {output.begin(), output.end()}};
    }
    bool set_interface(bool) noexcept override { return true; }

    std::optional<Completed> take(RequestNumber number) {
        const std::lock_guard locked(mutex_);
        const auto found = completed_.extract(number);
        return found ? std::optional(found.mapped()) : std::nullopt;
    }

private:
    std::mutex mutex_;
    std::map<RequestNumber, Completed> completed_;
};

}  // namespace pf::driver::test
