#include <pf/os/wait.hpp>

#include <algorithm>
#include <array>

#include <pf/os/clock.hpp>

#include "native_handle.hpp"

namespace pf::os {

namespace {

// How long one wait looks at so many items that the system cannot wait for them all.
constexpr DWORD kTurnOfMany = 2;  // ms

HANDLE native_of(Handle::Native native) {
    return native != Handle::kNone ? reinterpret_cast<HANDLE>(native) : nullptr;
}

}  // namespace

// One wait, as often as it takes to find something ready.
class WaitTurn {
public:
    explicit WaitTurn(std::span<WaitItem> items) : items_(items) {}

    // False: nothing is ready, and the deadline passed or something was ready for a moment.
    bool look(std::int64_t deadline_ns) {
        const bool queued = ask_sources();
        const DWORD count = collect();
        DWORD wait_ms = queued ? 0 : milliseconds_until(deadline_ns);
        if (count < waitable_) {
            wait_ms = std::min(wait_ms, kTurnOfMany);
        }
        const WaitItem* const first = sleep(count, wait_ms);
        return first != nullptr || count < waitable_ ? take_all(first) || queued : queued;
    }

private:
    using Kind = WaitItem::Kind;

    bool ask_sources() {
        bool any = false;
        for (WaitItem& item : items_) {
            item.ready_ = item.source_ != nullptr && item.source_->has_queued();
            any |= item.ready_;
        }
        return any;
    }

    // As many as the system waits for at once.
    DWORD collect() {
        DWORD count = 0;
        waitable_ = 0;
        for (WaitItem& item : items_) {
            if (const HANDLE handle = handle_of_item(item); handle != nullptr) {
                ++waitable_;
                if (count < handles_.size()) {
                    handles_[count] = handle;
                    owners_[count++] = &item;
                }
            }
        }
        return count;
    }

    // The first that is ready, and taken, for so the system does it; null: none was.
    WaitItem* sleep(DWORD count, DWORD wait_ms) {
        if (count == 0) {
            ::Sleep(wait_ms);
            return nullptr;
        }
        const DWORD woke = ::WaitForMultipleObjects(count, handles_.data(), FALSE, wait_ms);
        if (woke == WAIT_FAILED) {
            ::Sleep(std::min<DWORD>(wait_ms, 1));  // a foreign handle that is none any more
        }
        return woke < count ? owners_[woke] : nullptr;
    }

    bool take_all(const WaitItem* first) {
        bool any = false;
        for (WaitItem& item : items_) {
            item.ready_ |= &item == first || take(item);
            any |= item.ready_;
        }
        return any;
    }

    static bool take(const WaitItem& item) {
        const HANDLE handle = handle_of_item(item);
        return handle != nullptr && ::WaitForSingleObject(handle, 0) == WAIT_OBJECT_0;
    }

    static HANDLE handle_of_item(const WaitItem& item) {
        switch (item.kind_) {
            case Kind::event:
                return native_of(static_cast<const Event*>(item.object_)->handle().native());
            case Kind::flag:
                return native_of(static_cast<const Flag*>(item.object_)->handle().native());
            case Kind::process:
                return native_of(static_cast<const Process*>(item.object_)->handle().native());
            case Kind::source: return native_of(item.source_->native());
            default: return nullptr;
        }
    }

    const std::span<WaitItem> items_;
    std::array<HANDLE, MAXIMUM_WAIT_OBJECTS> handles_;
    std::array<WaitItem*, MAXIMUM_WAIT_OBJECTS> owners_;
    DWORD waitable_ = 0;  // items that can be waited for
};

bool wait(std::span<WaitItem> items, std::int64_t deadline_ns) {
    WaitTurn turn(items);
    while (!turn.look(deadline_ns)) {
        if (deadline_ns != kNever && now_ns() >= deadline_ns) {
            return false;
        }
    }
    return true;
}

}  // namespace pf::os
