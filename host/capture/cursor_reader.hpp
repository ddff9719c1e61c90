// The host's end of the cursor channel: makes the section, reads what the driver writes into it
// under a seqlock, with bounded retries. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <pf/host/cursor.hpp>
#include <pf/os/shared_memory.hpp>
#include <pf/proto/cursor_origin.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::host {

class CursorReader {
public:
    static os::Result<std::unique_ptr<CursorReader>> create();

    const os::Region& region() const { return region_; }

    // Differs after every change; only ever compared. The driver may write anything there.
    std::uint32_t version() const { return proto::load_acquire(shared().seq); }

    // nullopt: nothing written yet, or the driver kept writing (or lying) through all retries.
    std::optional<Cursor> read();

private:
    CursorReader() = default;
    // Of one moment.
    struct State {
        proto::CursorShm pointer{};
        proto::CursorOrigin origin{};
    };
    bool read_once(State& state, std::shared_ptr<const CursorShape>& shape) const;
    std::shared_ptr<const CursorShape> copy_shape(const proto::CursorShm& state) const;
    proto::CursorShm& shared() const {
        return *reinterpret_cast<proto::CursorShm*>(mapping_.bytes().data());
    }

    proto::CursorOrigin& origin() const {
        return *reinterpret_cast<proto::CursorOrigin*>(mapping_.bytes().data() +
                                                       proto::kCursorOriginOffset);
    }

    os::Region region_;
    os::WritableMapping mapping_;
    std::mutex mutex_;
    std::shared_ptr<const CursorShape> shape_;  // mutex_
    std::uint32_t driver_shape_id_ = 0;         // the driver's name for shape_; mutex_
};

}  // namespace pf::host
