// The line between what a system loads as a driver (the carrier: a WDM driver here; a framework's
// where there is one) and what serves the contract behind it (the shell). Plain values cross it,
// no type of a system's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <pf/os/event.hpp>

namespace pf::driver {

using FileNumber = std::uint64_t;     // an open file of a node; never used again
using RequestNumber = std::uint64_t;  // one control operation of a node; never used again

struct CarriedRequest {
    RequestNumber number = 0;
    FileNumber file = 0;
    std::uint32_t code = 0;
    std::vector<std::byte> input = {};
    std::size_t output_capacity = 0;  // bytes that the caller takes
};

// What a shell asks of its node. Any thread, but for set_interface(): the system's dispatch thread.
class Carrier {
public:
    virtual ~Carrier() = default;
    // Ends a request, with at most its capacity of `output`. One that has ended meanwhile (its
    // caller gave up, its file is closed) is no more, and nothing happens.
    virtual void complete(RequestNumber number, std::uint32_t status,
                          std::span<const std::byte> output) noexcept = 0;
    // Lets hosts find the node, or not; files that are open stay so. False: the system refused.
    virtual bool set_interface(bool enabled) noexcept = 0;
};

// One device node's shell. Every call comes on the node's control thread, one at a time.
class Device {
public:
    virtual ~Device() = default;  // ends what it has begun; nothing is completed any more
    // `pid` is the process that opened the file.
    virtual void file_created(FileNumber file, std::uint32_t pid) = 0;
    virtual void file_closed(FileNumber file) = 0;
    // Completed at once or later, by Carrier::complete(), in whatever order.
    virtual void request(CarriedRequest&& request) = 0;
    // Comes at least twice a second, and when news() is signalled.
    virtual void turn(std::int64_t now_ns) = 0;
    virtual const os::Event& news() const = 0;
};

}  // namespace pf::driver
