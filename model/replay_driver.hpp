// A driver's life: driver core behind channels that one host opens, and a process that lives as
// long. A channel can be cut around the next request, as when a socket breaks. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include <pf/core/dispatch.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/process.hpp>

#include "test/fake_driver.hpp"

namespace pf::model {

enum class Cut { none, before, after };   // the request is lost, or its answer
enum class Removes { sound, forgotten };  // answered, and not performed

class ReplayDriver : public std::enable_shared_from_this<ReplayDriver> {
public:
    static std::shared_ptr<ReplayDriver> start(Removes removes);

    std::unique_ptr<os::DeviceChannel> connect();
    // The next Add or Remove of the calling thread; none takes it back and tells whether it came to
    // that.
    bool cut_next(Cut cut);
    void kill();
    std::size_t monitors() const;

private:
    class Channel;
    ReplayDriver(os::ChildProcess child, Removes removes);
    os::Result<std::size_t> call(Channel& channel, std::uint32_t code,
                                 std::span<const std::byte> input, std::span<std::byte> output);
    void close(Channel& channel);  // locked

    const Removes removes_;
    os::ChildProcess child_;
    mutable std::mutex mutex_;
    host::test::FakeAdapter adapter_;  // mutex_, as all below
    core::Dispatcher dispatcher_;
    std::size_t open_channels_ = 0;
    Cut cut_ = Cut::none;
    std::thread::id cuts_only_;
    bool dead_ = false;
};

}  // namespace pf::model
