// A lying driver: the host's real reader, cursor reader and session, while everything that a driver
// may write is rewritten at random and its replies are lies. Prints one JSON object.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>

#include <pf/host/host.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>

#include "event_hammer.hpp"
#include "insist.hpp"
#include "lied_to_reader.hpp"
#include "lying_control.hpp"
#include "options.hpp"
#include "private_runtime.hpp"
#include "process_state.hpp"
#include "section_liar.hpp"
#include "standing_driver.hpp"

namespace pf::hostile {
namespace {

constexpr std::uint64_t kRewritesARing = 100'000;
constexpr std::uint64_t kRewritesAStep = 32;  // a reader keeps pace with its liar
constexpr std::uint64_t kRewritesASession = 25'000;

// A liar that never rests is never believed: its words change before anybody has read them. So it
// now and then waits until the reader has come round, and never runs far ahead of it.
class Pace {
public:
    void step() { steps_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }
    void end() { ending_.store(true, std::memory_order_relaxed); }
    bool ending() const { return ending_.load(std::memory_order_relaxed); }
    void wait(std::uint64_t told, Dice& dice) const {
        const std::uint64_t next = steps() + (dice.one_in(4) ? 1 : 0);
        while (steps() < std::max(next, told / kRewritesAStep)) {
            std::this_thread::yield();
        }
    }

private:
    std::atomic<std::uint64_t> steps_{0};
    std::atomic<bool> ending_{false};
};

struct Tally {
    std::uint64_t rings = 0, rewrites = 0, frames = 0, refused = 0, steps = 0, blows = 0;
    std::uint64_t cursor_rewrites = 0, cursors = 0, cursors_refused = 0;
    std::uint64_t sessions = 0, sessions_refused = 0, session_frames = 0, rebuilds = 0;
};

host::RingSpec any_spec(Dice& dice) {
    static constexpr host::PixelFormat kFormats[] = {
        host::PixelFormat::bgra8, host::PixelFormat::rgb10a2, host::PixelFormat::rgba16f};
    // Often a whole number of pages, so that the first byte behind a slot is a guard's.
    const bool pages = dice.one_in(2);
    return {.width = pages ? 64 : 1 + dice.below(80),
            .height = pages ? 16 * (1 + dice.below(4)) : 1 + dice.below(60),
            .format = kFormats[dice.below(3)],
            .target_id = dice.number(),
            .generation = 1 + dice.below(proto::kMaxGeneration)};
}

// One ring, its liar, two readers that share it.
void one_ring(std::uint64_t rewrites, Dice& dice, Tally& tally) {
    auto ring = host::FrameRing::create(any_spec(dice)).value();
    const auto event = os::Event::adopt(ring->event().handle().duplicate().value()).value();
    std::vector<os::WritableMapping> mappings;
    LiarsRing view;
    view.generation = ring->generation();
    mappings.push_back(os::WritableMapping::map(ring->header_region()).value());
    view.header = mappings.back().bytes();
    for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
        mappings.push_back(os::WritableMapping::map(ring->slot_region(i)).value());
        view.slots[i] = mappings.back().bytes();
    }
    ring->drop_header_region();
    auto reader = host::RingReader::create(std::move(ring)).value();

    EventHammer hammer;
    hammer.add(event.handle().duplicate().value());
    Pace pace;
    const auto read = [&](LiedToReader& mine) {
        while (!pace.ending()) {
            mine.step();
            pace.step();
        }
    };
    LiedToReader first(reader, dice.seed());
    LiedToReader second(reader, dice.seed());
    std::thread other([&] { read(second); });
    std::uint64_t told = 0;
    std::thread lying([&, liars_dice = Dice(dice.seed())]() mutable {
        RingLiar liar(view, liars_dice);
        liar.open();
        while (told < rewrites) {
            pace.wait(told, liars_dice);
            told += liar.lie();
            if (liars_dice.one_in(16)) {
                event.signal();
            }
        }
        pace.end();
    });
    read(first);
    lying.join();
    other.join();
    // Frames outlive their reader, in any order.
    reader.reset();
    tally.frames += first.frames() + second.frames();
    tally.refused += first.refused() + second.refused();
    tally.rewrites += told;
    tally.blows += hammer.blows();
    tally.steps += pace.steps();
    ++tally.rings;
}

void storm_of_rings(std::uint64_t rewrites, Dice& dice, Tally& tally) {
    while (tally.rewrites < rewrites) {
        one_ring(std::min(kRewritesARing, rewrites - tally.rewrites), dice, tally);
    }
}

void storm_of_cursors(std::uint64_t rewrites, Dice& dice, Tally& tally) {
    auto reader = host::CursorReader::create().value();
    const auto mapping = os::WritableMapping::map(reader->region()).value();
    Pace pace;
    std::thread lying([&, liars_dice = Dice(dice.seed())]() mutable {
        CursorLiar liar(mapping.bytes(), liars_dice);
        while (tally.cursor_rewrites < rewrites) {
            pace.wait(tally.cursor_rewrites, liars_dice);
            tally.cursor_rewrites += liar.lie();
        }
        pace.end();
    });
    std::vector<host::Cursor> kept(8);
    while (!pace.ending()) {
        auto cursor = reader->read();
        pace.step();
        ++(cursor ? tally.cursors : tally.cursors_refused);
        if (cursor) {
            insist_on_cursor(*cursor);
            kept[pace.steps() % kept.size()] = std::move(*cursor);
        }
    }
    for (const host::Cursor& cursor : kept) {
        insist_on_cursor(cursor);
    }
    lying.join();
}

host::SessionOptions session_options(Dice& dice) {
    host::SessionOptions options;
    options.mode = {1 + dice.below(96), 1 + dice.below(64), 1 + dice.below(200)};
    options.client_id = dice.below(16);
    options.hw_cursor = dice.one_in(2);
    options.policy = {.max_rebuilds = 4,
                      .budget_ns = 100 * os::kMillisecond,
                      .first_backoff_ns = os::kMillisecond,
                      .max_backoff_ns = 5 * os::kMillisecond};
    options.attach_timeout_ns = 30 * os::kMillisecond;
    options.unresponsive_after_ns = 200 * os::kMillisecond;
    return options;
}

// Whatever the mode is by now, a view keeps to the mode of its own frame.
void insist_on_session_frame(const host::Frame& frame) {
    const host::FrameView& view = frame.view();
    const std::uint32_t pixel = proto::bytes_per_pixel(static_cast<std::uint32_t>(view.format));
    insist_on_frame(
        view, {view.width, view.height, static_cast<std::uint32_t>(view.format), proto::kRingLen,
               view.width * pixel, std::uint64_t{view.width} * pixel * view.height});
}

// Also where a driver's words are in it.
void insist_on_a_readable(const std::string& message) {
    PF_INSIST(!message.empty());
    for (const char c : message) {
        PF_INSIST(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    }
}

void one_session(Dice& dice, Tally& tally) {
    const auto opened = host::Session::open(session_options(dice));
    if (!opened) {
        insist_on_a_readable(opened.error().message());
        ++tally.sessions_refused;
        return;
    }
    ++tally.sessions;
    host::Session& session = **opened;
    std::vector<host::Frame> held;
    for (std::uint32_t turn = 60; turn > 0; --turn) {
        auto next = session.next(os::deadline_after(2 * os::kMillisecond));
        if (!next || next->kind == host::NextKind::closed) {
            break;
        }
        tally.rebuilds += next->kind == host::NextKind::rebuilt ? 1 : 0;
        if (next->kind == host::NextKind::frame) {
            insist_on_session_frame(next->frame);
            ++tally.session_frames;
            held.push_back(std::move(next->frame));
        }
        if (held.size() > dice.below(8)) {
            held.erase(held.begin() + dice.below(static_cast<std::uint32_t>(held.size())));
        }
        if (const auto cursor = session.cursor()) {
            insist_on_cursor(*cursor);
        }
        (void)session.stats();
        if (dice.one_in(40)) {
            (void)session.resize({1 + dice.below(96), 1 + dice.below(64), 1 + dice.below(200)});
        }
        if (dice.one_in(100)) {
            session.close();
        }
    }
}

bool is_served(const std::string& instance) {
    const auto all = os::list_instances();
    for (const os::Instance& one : all ? *all : std::vector<os::Instance>{}) {
        if (one.name == instance && one.state == os::InstanceState::active) {
            return true;
        }
    }
    return false;
}

void storm_of_sessions(std::uint64_t sessions, Dice& dice, Tally& tally) {
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    while (!is_served("liar")) {
        PF_INSIST(os::now_ns() < deadline_ns);
        os::sleep_until(os::deadline_after(2 * os::kMillisecond));
    }
    one_session(dice, tally);  // what only the first needs stays
    const ProcessState before = process_state();
    for (std::uint64_t i = 1; i < sessions; ++i) {
        one_session(dice, tally);
    }
    const std::string left = difference(before, process_state());
    std::fprintf(stderr, "%s", left.c_str());
    PF_INSIST(left.empty());
}

void storm_of_standstills(pid_t liar, ControlCounts& counts, Dice& dice, StandstillTimes& times) {
    constexpr std::uint64_t kStandstills = 2;
    while (times.rounds < kStandstills) {
        stand_still(liar, counts, session_options(dice), times.rounds % 2 == 1, times);
    }
}

void print(const Options& options, const Tally& t, const ControlCounts& c,
           const StandstillTimes& stood, double seconds) {
    const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    const std::uint64_t rewrites = t.rewrites + t.cursor_rewrites;
    std::printf(
        "{\"program\":\"lying_driver\",\"seed\":%llu,\"rewrites\":%llu,\"seconds\":%.1f,"
        "\"rewrites_per_second\":%.0f,\"rings\":%llu,\"ring_rewrites\":%llu,\"reader_steps\":%llu,"
        "\"event_blows\":%llu,\"frames_taken\":%llu,\"frames_refused\":%llu,\"cursor_rewrites\":%"
        "llu,"
        "\"cursors_read\":%llu,\"cursors_refused\":%llu,\"sessions\":%llu,"
        "\"sessions_refused\":%llu,\"session_frames\":%llu,\"session_rebuilds\":%llu,"
        "\"session_rewrites\":%llu,\"replies\":%llu,\"lying_replies\":%llu,\"silences\":%llu,"
        "\"standstills\":%llu,\"longest_close_ms\":%lld,\"longest_next_ms\":%lld}\n",
        n(options.seed), n(rewrites), seconds, static_cast<double>(rewrites) / seconds, n(t.rings),
        n(t.rewrites), n(t.steps), n(t.blows), n(t.frames), n(t.refused), n(t.cursor_rewrites),
        n(t.cursors), n(t.cursors_refused), n(t.sessions), n(t.sessions_refused),
        n(t.session_frames), n(t.rebuilds), n(c.rewrites), n(c.replies), n(c.lies), n(c.silences),
        n(stood.rounds), static_cast<long long>(stood.longest_close_ns / os::kMillisecond),
        static_cast<long long>(stood.longest_next_ns / os::kMillisecond));
    std::fflush(stdout);
}

int run(const Options& options) {
    const PrivateRuntime runtime;
    Dice dice(options.seed);
    const Shared<ControlCounts> counts;
    const std::uint64_t liars_seed = dice.seed();
    const pid_t liar = ::fork();  // before there are threads
    if (liar == 0) {
        serve_lies("liar", liars_seed, *counts.operator->());
    }
    PF_INSIST(liar > 0);
    Tally tally;
    const std::int64_t begun_ns = os::now_ns();
    storm_of_rings(options.rewrites / 10 * 9, dice, tally);
    storm_of_cursors(options.rewrites / 10, dice, tally);
    storm_of_sessions(20 + options.rewrites / kRewritesASession, dice, tally);
    StandstillTimes stood;
    storm_of_standstills(liar, *counts.operator->(), dice, stood);
    const double seconds = static_cast<double>(os::now_ns() - begun_ns) / os::kSecond;
    ::kill(liar, SIGKILL);
    ::waitpid(liar, nullptr, 0);
    print(options, tally, *counts.operator->(), stood, seconds);
    PF_INSIST(tally.frames > 0 && tally.refused > 0 && tally.cursors > 0);
    PF_INSIST(tally.sessions > 0 && tally.session_frames > 0);
    return 0;
}

}  // namespace
}  // namespace pf::hostile

int main(int argc, char** argv) {
    return pf::hostile::run(pf::hostile::parse_options(argc, argv));
}
