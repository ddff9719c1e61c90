// Tells when instances of the driver's device interface come and go, so that whoever waits for one
// need not look often.
#pragma once

#include <memory>

#include <pf/os/event.hpp>

namespace pf::os {

class DeviceWatch {
public:
    // Errors: nobody tells (fallback: on Linux, where a look costs next to nothing), or not now;
    // looking works all the same.
    static Result<std::unique_ptr<DeviceWatch>> start();
    virtual ~DeviceWatch() = default;

    // Signalled when one has come or gone; several before a wait count once.
    virtual const Event& changed() const = 0;
};

}  // namespace pf::os
