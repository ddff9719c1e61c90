// Counters that several processes of one program share. Made before they part.
#pragma once

#include <atomic>
#include <cstdint>

#include <pf/os/shared_memory.hpp>

namespace pf::hostile {

template <typename Counts>
class Shared {
public:
    Shared()
        : region_(os::Region::create(sizeof(Counts), "pf-counts").value()),
          mapping_(os::WritableMapping::map(region_).value()) {}
    Counts* operator->() const { return reinterpret_cast<Counts*>(mapping_.bytes().data()); }

private:
    os::Region region_;
    os::WritableMapping mapping_;
};

using Count = std::atomic<std::uint64_t>;  // all zero bytes are a count of zero

}  // namespace pf::hostile
