#include <pf/os/handle.hpp>

namespace pf::os {

Handle& Handle::operator=(Handle&& other) noexcept {
    if (this != &other) {
        reset();
        native_ = other.release();
    }
    return *this;
}

Handle::Native Handle::release() {
    const Native native = native_;
    native_ = kNone;
    return native;
}

}  // namespace pf::os
