// A descriptor, as something to wait for. Nobody reads ahead of it; -1 is never ready.
#pragma once

#include <pf/os/wait.hpp>

namespace pf::driver {

class DescriptorSource final : public os::RawSource {
public:
    explicit DescriptorSource(os::Handle::Native descriptor) : descriptor_(descriptor) {}
    os::Handle::Native native() const override { return descriptor_; }
    bool has_queued() override { return false; }

private:
    os::Handle::Native descriptor_;  // not owned
};

}  // namespace pf::driver
