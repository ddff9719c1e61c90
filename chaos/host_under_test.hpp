// A host under test, in a thread of the run or in a process of its own: keeps a session open,
// checks every frame, changes its mode now and then and opens anew sometimes, and tells all of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pf/host/displays.hpp>

#include "event.hpp"
#include "plan.hpp"

namespace pf::chaos {

// Displays that several hosts of one process have in common, as long as one of them uses it.
class DisplayShare {
public:
    os::Result<std::shared_ptr<host::Displays>> get(const std::string& instance);

private:
    std::mutex mutex_;
    std::weak_ptr<host::Displays> displays_;
};

struct HostOptions {
    std::string instance;
    std::uint32_t client_id = 1;
    std::uint64_t seed = 0;
    host::PixelFormat format = host::PixelFormat::bgra8;
    bool stamped = true;            // the pattern source: every row can be proven
    DisplayShare* share = nullptr;  // null: a connection of its own
    std::function<void(host::RebuildReason, std::uint32_t)> on_rebuild;
    std::function<void(const HostEvent&)> emit;  // on the thread of run()
};

struct HostCommand {
    enum class What { resize, reopen } what{};
    host::Mode mode;           // resize
    host::PixelFormat format;  // reopen
};

class HostUnderTest {
public:
    // `cancel` outlives this; signalled, it ends run() and every wait in it.
    HostUnderTest(HostOptions options, const os::Flag& cancel);
    void run();
    void command(const HostCommand& command);  // any thread

private:
    bool open();
    void close();
    void obey();
    void flip_when_due();
    void resize(const host::Mode& mode);
    bool turn();  // false: the session is over
    void take(host::Frame frame);
    void tell_rebuilt(const host::Next& next);
    void note_session();
    std::string wrong_with(const host::FrameView& view, bool again) const;
    void tell(HostEvent event);
    bool cancelled() const;

    HostOptions options_;
    const os::Flag& cancel_;
    Random random_;
    host::Mode mode_;
    std::unique_ptr<host::Session> session_;
    host::SessionStats facts_;  // of the ring that frames come from
    std::int64_t next_flip_ns_ = 0;
    std::string waiting_for_;
    host::Frame held_;  // a lease over several frames, as an encoder has
    std::uint32_t hold_frames_ = 0;
    std::uint32_t generation_ = 0;
    std::uint32_t last_seq_ = 0;
    std::uint64_t last_sequence_ = 0;

    std::mutex mutex_;
    std::vector<HostCommand> commands_;  // mutex_
};

}  // namespace pf::chaos
