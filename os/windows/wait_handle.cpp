#include <pf/os/wait_handle.hpp>

#include <windows.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "native_handle.hpp"

namespace pf::os {

namespace {

// A registered wait takes the signal of an auto-reset event. It gives it back, says so once, and
// looks again only when settle() asks: else it would take its own signal for ever.
struct Watched {
    Watched(HANDLE its_source, HANDLE its_ready) : source(its_source), ready(its_ready) {}
    ~Watched() { end(); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    bool begin() {
        return ::RegisterWaitForSingleObject(&registration, source, fired, this, INFINITE,
                                             WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD) != 0;
    }
    // Returns when fired() does not run and will not.
    void end() {
        if (registration != nullptr) {
            ::UnregisterWaitEx(std::exchange(registration, nullptr), INVALID_HANDLE_VALUE);
        }
    }
    static void CALLBACK fired(void* self, BOOLEAN) {
        const auto* const watched = static_cast<const Watched*>(self);
        ::SetEvent(watched->source);
        ::SetEvent(watched->ready);
    }

    const HANDLE source;
    const HANDLE ready;
    HANDLE registration = nullptr;
};

}  // namespace

struct WaitHandle::System {
    std::mutex mutex;
    std::vector<std::unique_ptr<Watched>> all;  // mutex
};

Result<WaitHandle> WaitHandle::create() {
    WaitHandle made;
    made.handle_ = adopt_handle(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    if (!made.handle_) {
        return fail_last("create wait handle", "no handle for it");
    }
    made.system_ = std::make_shared<System>();
    return made;
}

Result<void> WaitHandle::watch(const Handle& handle) const {
    const HANDLE source = handle_of(handle);
    const std::lock_guard lock(system_->mutex);
    auto& all = system_->all;
    if (std::any_of(all.begin(), all.end(), [=](const auto& w) { return w->source == source; })) {
        return {};
    }
    auto watched = std::make_unique<Watched>(source, handle_of(handle_));
    all.reserve(all.size() + 1);
    if (!watched->begin()) {
        return fail_last("watch an event", "the system has no room for it");
    }
    all.push_back(std::move(watched));
    return {};
}

void WaitHandle::forget(const Event& event) const {
    const HANDLE source = handle_of(event.handle());
    const std::lock_guard lock(system_->mutex);
    std::erase_if(system_->all, [=](const auto& w) { return w->source == source; });
}

// In this order: what is signalled in between is found by the new wait.
void WaitHandle::settle() const {
    const std::lock_guard lock(system_->mutex);
    if (::WaitForSingleObject(handle_of(handle_), 0) != WAIT_OBJECT_0) {
        return;  // all of them still look
    }
    for (const auto& watched : system_->all) {
        watched->end();
    }
    ::ResetEvent(handle_of(handle_));
    for (const auto& watched : system_->all) {
        if (!watched->begin()) {
            ::SetEvent(handle_of(handle_));  // better once too often than never
        }
    }
}

}  // namespace pf::os
