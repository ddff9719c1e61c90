#include "host_under_test.hpp"

#include <utility>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>
#include <pf/rig/frame_checker.hpp>

namespace pf::chaos {
namespace {

constexpr std::int64_t kTurnNs = 10 * os::kMillisecond;       // commands wait so long at most
constexpr std::int64_t kOpenAgainNs = 20 * os::kMillisecond;  // after no session could be opened
constexpr std::int64_t kSessionBudgetNs = 600 * os::kSecond;  // who judges has a shorter one
constexpr std::uint64_t kHoldOneIn = 8;
constexpr std::uint32_t kHoldFrames = 3;

// As the driver lists it.
std::string monitor_line(const host::SessionStats& s) {
    return fmt::format("{}: {} (target {})", s.monitor_id, host::to_string(s.mode), s.target_id);
}

// Every row is touched: memory that is gone under a lease is found here.
void touch(const host::FrameView& view) {
    const std::uint32_t last = view.width * (view.format == host::PixelFormat::rgba16f ? 8 : 4) - 1;
    for (std::uint32_t row = 0; row < view.height; ++row) {
        const std::byte* start = view.pixels() + std::size_t{row} * view.pitch_bytes();
        [[maybe_unused]] const volatile std::byte left = start[0];
        [[maybe_unused]] const volatile std::byte right = start[last];
    }
}

const char* name_of(rig::Verdict verdict) {
    switch (verdict) {
        case rig::Verdict::whole: return "";
        case rig::Verdict::torn: return "torn";
        case rig::Verdict::foreign: return "foreign";
        case rig::Verdict::stale: break;
    }
    return "stale";
}

}  // namespace

os::Result<std::shared_ptr<host::Displays>> DisplayShare::get(const std::string& instance) {
    const std::lock_guard lock(mutex_);
    if (auto shared = displays_.lock()) {
        return shared;
    }
    host::DisplaysOptions options;
    options.instance = instance;
    options.linger_ns = 0;
    auto opened = host::Displays::open(options);
    if (opened) {
        displays_ = *opened;
    }
    return opened;
}

HostUnderTest::HostUnderTest(HostOptions options, const os::Flag& cancel)
    : options_(std::move(options)),
      cancel_(cancel),
      random_(options_.seed),
      mode_(draw_mode(random_)) {}

bool HostUnderTest::cancelled() const {
    return cancel_.is_set();
}

void HostUnderTest::command(const HostCommand& command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
}

void HostUnderTest::tell(HostEvent event) {
    event.at_ns = os::now_ns();
    options_.emit(event);
}

void HostUnderTest::run() {
    while (!cancelled()) {
        obey();
        if (session_ == nullptr && !open()) {
            os::wait({cancel_}, os::deadline_after(kOpenAgainNs));
            continue;
        }
        flip_when_due();
        if (session_ != nullptr && !turn()) {
            break;
        }
    }
    held_ = {};
    session_.reset();
    tell({.kind = HostEventKind::ended, .monitor = {}, .text = {}});
}

bool HostUnderTest::open() {
    host::SessionOptions options;
    options.instance = options_.instance;
    options.mode = mode_;
    options.client_id = options_.client_id;
    options.format = options_.format;
    options.hw_cursor = options_.share == nullptr && options_.client_id % 2 == 0;
    options.policy.max_rebuilds = UINT32_MAX;
    options.policy.budget_ns = kSessionBudgetNs;
    options.cancel = &cancel_;
    options.on_rebuild = options_.on_rebuild;
    os::Result<std::unique_ptr<host::Session>> opened;
    if (options_.share == nullptr) {
        opened = host::Session::open(options);
    } else if (auto displays = options_.share->get(options_.instance)) {
        opened = (*displays)->open_session(options);
    } else {
        opened = tl::unexpected(displays.error());
    }
    if (!opened) {
        if (std::exchange(waiting_for_, opened.error().message()) != waiting_for_) {
            tell({.kind = HostEventKind::waiting, .monitor = {}, .text = waiting_for_});
        }
        return false;
    }
    waiting_for_.clear();
    session_ = std::move(*opened);
    note_session();
    tell({.kind = HostEventKind::opened,
          .driver_pid = facts_.driver_pid,
          .monitor = monitor_line(facts_),
          .text = {}});
    next_flip_ns_ = os::now_ns() + random_.between_ms(300, 3000);
    return true;
}

void HostUnderTest::note_session() {
    facts_ = session_->stats();
    mode_ = facts_.mode;
    generation_ = 0;
}

void HostUnderTest::close() {
    held_ = {};
    session_.reset();
    tell({.kind = HostEventKind::closed, .monitor = {}, .text = {}});
}

void HostUnderTest::obey() {
    std::vector<HostCommand> commands;
    {
        const std::lock_guard lock(mutex_);
        commands.swap(commands_);
    }
    for (const HostCommand& command : commands) {
        if (command.what == HostCommand::What::resize) {
            resize(command.mode);
        } else {
            options_.format = command.format;
            if (session_ != nullptr) {
                close();
            }
        }
    }
}

void HostUnderTest::flip_when_due() {
    if (os::now_ns() < next_flip_ns_) {
        return;
    }
    next_flip_ns_ = os::now_ns() + random_.between_ms(300, 3000);
    const host::Mode mode = draw_mode(random_);
    if (random_.one_in(5)) {
        mode_ = mode;
        close();
    } else {
        resize(mode);
    }
}

// A driver that is away refuses; the mode stays then, and that is no fault.
void HostUnderTest::resize(const host::Mode& mode) {
    if (session_ != nullptr) {
        (void)session_->resize(mode);
    } else {
        mode_ = mode;
    }
}

bool HostUnderTest::turn() {
    auto next = session_->next(os::deadline_after(kTurnNs));
    if (!next) {
        tell({.kind = HostEventKind::failed, .monitor = {}, .text = next.error().message()});
        return false;
    }
    switch (next->kind) {
        case host::NextKind::frame: take(std::move(next->frame)); break;
        case host::NextKind::rebuilt: tell_rebuilt(*next); break;
        case host::NextKind::timeout: held_ = {}; break;
        case host::NextKind::cursor:
        case host::NextKind::woken:
        case host::NextKind::closed: break;  // cancelled
    }
    return true;
}

void HostUnderTest::tell_rebuilt(const host::Next& next) {
    note_session();
    tell({.kind = HostEventKind::rebuilt,
          .noticed_ns = os::now_ns() - next.recovery_ns,
          .driver_pid = facts_.driver_pid,
          .monitor = monitor_line(facts_),
          .text = std::string(host::to_string(next.reason))});
}

// Empty: nothing. `again`: it was checked when it came, and its lease is about to end.
std::string HostUnderTest::wrong_with(const host::FrameView& view, bool again) const {
    const auto facts = [&] {
        return fmt::format(
            "{}x{} target {} generation {} seq {} source {} (mode {}, target {}, "
            "before: generation {} seq {} source {}){}",
            view.width, view.height, view.target_id, view.generation, view.seq,
            view.source_sequence, host::to_string(facts_.mode), facts_.target_id, generation_,
            last_seq_, last_sequence_, again ? ", while leased" : "");
    };
    touch(view);
    if (options_.stamped) {
        rig::FrameChecker checker;
        if (const rig::Verdict verdict = checker.check(view); verdict != rig::Verdict::whole) {
            return fmt::format("{}: {}", name_of(verdict), facts());
        }
    }
    if (again) {
        return {};
    }
    if (view.target_id != facts_.target_id) {
        return "foreign: " + facts();
    }
    const bool same_ring = generation_ == 0 || view.generation == generation_;
    const bool newer =
        generation_ == 0 || (view.seq > last_seq_ && view.source_sequence > last_sequence_);
    const bool fits = view.width == facts_.mode.width && view.height == facts_.mode.height;
    return same_ring && newer && fits ? std::string() : "stale: " + facts();
}

void HostUnderTest::take(host::Frame frame) {
    const host::FrameView& view = frame.view();
    const std::string wrong = wrong_with(view, false);
    generation_ = view.generation;
    last_seq_ = view.seq;
    last_sequence_ = view.source_sequence;
    const bool whole = wrong.empty();
    tell({.kind = whole ? HostEventKind::frame : HostEventKind::wrong,
          .published_ns = view.times.published_ns,
          .driver_pid = facts_.driver_pid,
          .monitor = {},
          .text = wrong});
    if (held_) {
        if (--hold_frames_ > 0) {
            return;
        }
        if (const std::string late = wrong_with(held_.view(), true); !late.empty()) {
            tell({.kind = HostEventKind::wrong, .monitor = {}, .text = late});
        }
        held_ = {};
    } else if (random_.one_in(kHoldOneIn)) {
        held_ = std::move(frame);
        hold_frames_ = kHoldFrames;
    }
    (void)session_->cursor();
}

}  // namespace pf::chaos
