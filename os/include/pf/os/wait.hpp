// One wait for everything that can end one: events, flags, processes, and what the system can wait
// for beside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/os/event.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/process.hpp>

namespace pf::os {

// Something of a library's that becomes readable. The library may have read ahead: news that lie in
// its memory wake nobody, so it is asked for them before every sleep.
class RawSource {
public:
    virtual ~RawSource() = default;
    virtual Handle::Native native() const = 0;  // kNone: only asked, not waited for
    virtual bool has_queued() = 0;              // on the waiting thread; does not block
};

// One thing to wait for, which outlives the wait. Nothing (a null pointer, an empty object) is
// never ready. May be waited for again and again.
class WaitItem {
public:
    WaitItem(std::nullptr_t = nullptr) {}
    WaitItem(const Event* event) : WaitItem(event != nullptr ? Kind::event : Kind::none, event) {}
    WaitItem(const Flag* flag) : WaitItem(flag != nullptr ? Kind::flag : Kind::none, flag) {}
    WaitItem(const Process* process)
        : WaitItem(process != nullptr ? Kind::process : Kind::none, process) {}
    WaitItem(RawSource* source)
        : WaitItem(source != nullptr ? Kind::source : Kind::none, nullptr, source) {}
    WaitItem(const Event& event) : WaitItem(&event) {}
    WaitItem(const Flag& flag) : WaitItem(&flag) {}
    WaitItem(const Process& process) : WaitItem(&process) {}
    WaitItem(RawSource& source) : WaitItem(&source) {}

    // What the last wait found: the event was signalled, and this wait took that; the flag is set;
    // the process has ended; the source can be read, or has failed, or has something queued.
    bool ready() const { return ready_; }

private:
    friend class WaitTurn;  // the system's side
    enum class Kind : std::uint8_t { none, event, flag, process, source };
    WaitItem(Kind kind, const void* object, RawSource* source = nullptr)
        : object_(object), source_(source), kind_(kind) {}

    const void* object_ = nullptr;
    RawSource* source_ = nullptr;
    Kind kind_ = Kind::none;
    bool ready_ = false;
};

// Returns when at least one item is ready, true, or at the deadline, false; one in the past looks
// once. All that are ready are told together, so a frame that was published before a death is seen
// beside it. An event that two wait for is told to one of them. Any thread, any number of items;
// up to 64 of them nothing is allocated. Want of memory lengthens the wait, and never ends it.
bool wait(std::span<WaitItem> items, std::int64_t deadline_ns);

// wait({event, stop}, deadline_ns), for whoever need not know which.
template <std::size_t N>
bool wait(WaitItem (&&items)[N], std::int64_t deadline_ns) {
    return wait(std::span<WaitItem>(items), deadline_ns);
}

}  // namespace pf::os
