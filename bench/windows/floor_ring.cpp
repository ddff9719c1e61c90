#include <cstring>

#include <pf/os/event.hpp>
#include <pf/os/program.hpp>
#include <pf/os/shared_memory.hpp>
#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>

#include "floor_parts.hpp"

// A process here cannot be forked, so the producer is a thread, over the same kind of memory and
// event that two processes would share.
namespace pf::bench {
namespace {

struct Floor {
    os::WritableMapping memory;
    os::Event event;
    os::Flag over;

    Header& header() const { return *reinterpret_cast<Header*>(memory.bytes().data()); }
};

void produce(const Floor& floor, const host::Mode& mode, const std::vector<std::byte>& source) {
    const std::int64_t start_ns = os::now_ns();
    for (std::uint64_t n = 0; !floor.over.is_set(); ++n) {
        os::sleep_until(start_ns + static_cast<std::int64_t>(n) * os::kSecond / mode.refresh_hz);
        std::memcpy(floor.memory.bytes().data() + kHeaderBytes + n % kSlots * source.size(),
                    source.data(), source.size());
        floor.header().published_ns[n % kSlots].store(os::now_ns(), std::memory_order_relaxed);
        floor.header().latest.store(n + 1, std::memory_order_release);
        floor.event.signal();
    }
}

FloorResult consume(const Floor& floor, double seconds) {
    FloorResult result;
    const std::int64_t start_ns = os::now_ns(), cpu_ns = os::process_cpu_ns();
    const std::int64_t end_ns = start_ns + static_cast<std::int64_t>(seconds * 1e9);
    std::uint64_t seen = 0;
    for (std::int64_t now_ns = start_ns; goes_on(now_ns, end_ns); now_ns = os::now_ns()) {
        os::wait({floor.event}, std::min(end_ns, now_ns + kTurn));
        const std::uint64_t latest = floor.header().latest.load(std::memory_order_acquire);
        if (latest == seen) {
            continue;
        }
        seen = latest;
        const std::int64_t published_ns =
            floor.header().published_ns[(latest - 1) % kSlots].load(std::memory_order_relaxed);
        result.latency_us.push_back(static_cast<double>(os::now_ns() - published_ns) / 1e3);
        ++result.frames;
    }
    result.seconds = static_cast<double>(os::now_ns() - start_ns) / 1e9;
    // The producer's share is in it.
    result.consumer_cpu = static_cast<double>(os::process_cpu_ns() - cpu_ns) / 1e9 / result.seconds;
    return result;
}

os::Result<Floor> make_floor(const host::Mode& mode) {
    auto region = os::Region::create(kHeaderBytes + kSlots * frame_bytes(mode), "pf-floor");
    auto event = os::Event::create();
    auto over = os::Flag::create();
    if (!region || !event || !over) {
        return tl::unexpected(!region ? region.error() : !event ? event.error() : over.error());
    }
    return os::WritableMapping::map(*region).map([&](os::WritableMapping&& memory) {
        return Floor{std::move(memory), std::move(*event), std::move(*over)};
    });
}

}  // namespace

os::Result<FloorResult> run_floor(const host::Mode& mode, double seconds) {
    auto floor = make_floor(mode);
    if (!floor) {
        return tl::unexpected(floor.error());
    }
    floor->memory.prefault();
    const std::vector<std::byte> source(frame_bytes(mode), std::byte{0x5A});
    auto producer = os::GuardedThread::start(
        "pf floor", [&] { produce(*floor, mode, source); }, [](const os::Error&) {});
    if (!producer) {
        return tl::unexpected(producer.error());
    }
    FloorResult result = consume(*floor, seconds);
    floor->over.set();
    producer->join();
    return result;
}

}  // namespace pf::bench
