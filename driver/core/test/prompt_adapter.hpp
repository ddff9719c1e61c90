// For tests: a shell whose system does everything at once, or holds it back until it is told. What
// a fake does of its own is in the functions that end in _now.
#pragma once

#include <deque>
#include <map>

#include <pf/core/dispatch.hpp>

namespace pf::core::test {

class PromptAdapter : public Adapter {
public:
    struct End {
        enum class What { plug, set_modes, unplug } what;
        MonitorNumber number;
        PlugResult plugged;
        std::uint32_t status;
    };

    virtual PlugResult plug_now(Owner owner, const MonitorSpec& spec) = 0;
    virtual std::uint32_t set_modes_now(Owner owner, MonitorNumber number,
                                        const ModeList& modes) = 0;
    virtual void unplug_now(MonitorNumber number) = 0;

    void plug(Owner owner, const MonitorSpec& spec) final {
        ends.push_back({End::What::plug, spec.number, plug_now(owner, spec), 0});
    }
    void set_modes(Owner owner, MonitorNumber number, const ModeList& modes) final {
        ends.push_back({End::What::set_modes, number, {}, set_modes_now(owner, number, modes)});
    }
    void unplug(MonitorNumber number) final {
        unplug_now(number);
        ends.push_back({End::What::unplug, number, {}, 0});
    }

    // Tells the dispatcher the oldest end. False: there is none.
    bool tell_one(Dispatcher& dispatcher, std::int64_t now_ns) {
        if (ends.empty()) {
            return false;
        }
        const End end = ends.front();
        ends.pop_front();
        switch (end.what) {
            case End::What::plug: dispatcher.plugged(end.number, end.plugged, now_ns); break;
            case End::What::set_modes: dispatcher.modes_set(end.number, end.status, now_ns); break;
            case End::What::unplug: dispatcher.unplugged(end.number); break;
        }
        return true;
    }
    // Tells all of them, and what follows from them.
    void settle(Dispatcher& dispatcher, std::int64_t now_ns) {
        while (tell_one(dispatcher, now_ns)) {
            collect(dispatcher);
        }
        collect(dispatcher);
    }
    void collect(Dispatcher& dispatcher) {
        while (const auto done = dispatcher.next_finished()) {
            answers[done->id] = done->completion;
        }
    }

    std::deque<End> ends;                     // not told yet, oldest first
    std::map<RequestId, Completion> answers;  // of requests that were begun
};

// The answer, with everything that the system has to do for it done.
inline Completion dispatch_now(Dispatcher& dispatcher, PromptAdapter& adapter, Request request) {
    const auto done = dispatcher.dispatch(request);
    adapter.settle(dispatcher, request.now_ns);
    if (done) {
        return *done;
    }
    const Completion late = adapter.answers.at(request.id);
    adapter.answers.erase(request.id);
    return late;
}

}  // namespace pf::core::test
