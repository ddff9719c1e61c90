#include <utility>

#include <pf/os/process.hpp>

namespace pf::os {

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::move(other.process_)),
      status_(other.status_),
      reaped_(other.reaped_),
      detached_(other.detached_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(process_, other.process_);
    std::swap(status_, other.status_);
    std::swap(reaped_, other.reaped_);
    std::swap(detached_, other.detached_);
    return *this;
}

}  // namespace pf::os
