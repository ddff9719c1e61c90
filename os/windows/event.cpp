#include <pf/os/event.hpp>

#include "native_handle.hpp"
#include "object_type.hpp"

namespace pf::os {

Result<Event> Event::create() {
    NobodyElse access;
    Handle handle = adopt_handle(::CreateEventW(access.attributes(), FALSE, FALSE, nullptr));
    if (!handle) {
        return fail_last("create event", "no handle for it");
    }
    return Event(std::move(handle));
}

Result<Event> Event::adopt(Handle handle) {
    if (!handle || !is_object_of_type(handle, L"Event")) {
        return fail("adopt event", 0, Reaction::reject, "the handle is not an event");
    }
    Event event(std::move(handle));
    event.adopted_ = true;
    return event;
}

// Setting an event never blocks, whoever shares it.
void Event::signal() const {
    ::SetEvent(handle_of(handle_));
}

void Event::clear() const {
    ::ResetEvent(handle_of(handle_));
}

}  // namespace pf::os
