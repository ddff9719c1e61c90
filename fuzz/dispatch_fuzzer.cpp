// Several hosts send anything to driver core: requests that mean something, requests of the wrong
// length, noise; in between processes end, time passes, and the system gets done with what it was
// asked. What core tells its shell must always make sense, every request has one answer that its
// buffer holds, and no host reaches another one's monitor.
#include <cstdint>
#include <map>
#include <vector>

#include <pf/core/dispatch.hpp>
#include <pf/proto/exact_rate.hpp>

#include "byte_source.hpp"
#include "checking_adapter.hpp"
#include "require.hpp"

namespace pf::fuzz {

namespace {

constexpr std::size_t kMaxOutput = 64;

std::uint32_t pick_code(ByteSource& source) {
    static constexpr std::uint32_t kCodes[] = {proto::kIoctlAdd,
                                               proto::kIoctlRemove,
                                               proto::kIoctlSetRenderAdapter,
                                               proto::kIoctlPing,
                                               proto::kIoctlGetInfo,
                                               proto::kIoctlClearAll,
                                               proto::kIoctlSetFrameChannel,
                                               proto::kIoctlUpdateModes,
                                               proto::kIoctlSetCursorChannel,
                                               proto::kIoctlSetCursorForward,
                                               proto::kIoctlAddExact,
                                               proto::kIoctlUpdateModesExact};
    const std::uint8_t choice = source.byte();
    return choice < 250 ? kCodes[choice % std::size(kCodes)] : source.take<std::uint32_t>();
}

// A request whose fields are likely to name something that exists.
template <typename Request, typename Fill>
std::vector<std::byte> structured(ByteSource& source, Fill fill) {
    Request request{};
    fill(request);
    std::vector<std::byte> bytes(sizeof(Request) + source.below(4) * 8);
    proto::write_prefix(request, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
    if (source.below(8) == 0) {
        bytes.resize(source.below(static_cast<std::uint32_t>(bytes.size() + 1)));
    }
    return bytes;
}

proto::AddRequest any_add(ByteSource& source) {
    return {source.below(20), source.number(), source.number(), source.number(), source.below(18),
            source.number(),  source.number(), source.number(), source.below(2)};
}

proto::UpdateModesRequest any_update(ByteSource& source) {
    return {source.below(20), source.number(), source.number(), source.number(), 0};
}

std::uint32_t likely_millihertz(ByteSource& source, std::uint32_t refresh_hz) {
    return refresh_hz * 1000 - 500 + source.below(1001);
}

std::uint64_t handle_value(ByteSource& source, core::Owner owner) {
    const std::uint8_t choice = source.byte();
    return choice < 32 ? choice / 16 * source.number() : std::uint64_t{choice} * 4 + owner % 4;
}

std::vector<std::byte> frame_channel_request(ByteSource& source, core::Owner owner) {
    return structured<proto::SetFrameChannelRequest>(source, [&](proto::SetFrameChannelRequest& r) {
        r.target_id = source.below(40);
        r.generation = source.number();
        r.ring_len = source.below(9);
        r.header_bytes = source.number();
        r.header_handle = handle_value(source, owner);
        r.event_handle = handle_value(source, owner);
        for (std::uint64_t& value : r.texture_handles) {
            value = handle_value(source, owner);
        }
    });
}

std::vector<std::byte> make_input(ByteSource& source, std::uint32_t code, core::Owner owner) {
    if (source.below(8) == 0) {
        const auto noise = source.take_bytes(source.below(128));
        return {noise.begin(), noise.end()};
    }
    switch (code) {
        case proto::kIoctlAdd:
            return structured<proto::AddRequest>(source, [&](auto& r) { r = any_add(source); });
        case proto::kIoctlAddExact:
            return structured<proto::AddExactRequest>(source, [&](auto& r) {
                r.add = any_add(source);
                r.refresh_millihertz = likely_millihertz(source, r.add.refresh_hz);
            });
        case proto::kIoctlRemove:
            return structured<proto::RemoveRequest>(
                source, [&](auto& r) { r.session_id = source.below(20); });
        case proto::kIoctlSetFrameChannel: return frame_channel_request(source, owner);
        case proto::kIoctlUpdateModes:
            return structured<proto::UpdateModesRequest>(source,
                                                         [&](auto& r) { r = any_update(source); });
        case proto::kIoctlUpdateModesExact:
            return structured<proto::UpdateModesExactRequest>(source, [&](auto& r) {
                r.update = any_update(source);
                r.refresh_millihertz = likely_millihertz(source, r.update.refresh_hz);
            });
        case proto::kIoctlSetCursorChannel:
            return structured<proto::SetCursorChannelRequest>(source, [&](auto& r) {
                r = {source.below(40), 0, handle_value(source, owner)};
            });
        case proto::kIoctlSetCursorForward:
            return structured<proto::SetCursorForwardRequest>(source, [&](auto& r) {
                r = {source.below(40), source.below(2)};
            });
        default:
            return structured<proto::SetRenderAdapterRequest>(source, [&](auto& r) {
                r = {source.number(), -1};
            });
    }
}

struct Fixture {
    explicit Fixture(const core::DriverConfig& config) : dispatcher(config, adapter) {}
    CheckingAdapter adapter;
    core::Dispatcher dispatcher;
    std::int64_t now_ns = 1;
    core::RequestId last_id = 0;
    struct Begun {
        std::uint32_t code;
        std::size_t capacity;
    };
    std::map<core::RequestId, Begun> begun;
};

void require_good_answer(const core::Completion& done, const Fixture::Begun& request) {
    PF_REQUIRE(done.bytes_written <= request.capacity);
    PF_REQUIRE(done.bytes_written <= done.output.size());
    const bool success = done.status == proto::kStatusSuccess;
    PF_REQUIRE(success || done.bytes_written == 0);
    if ((request.code == proto::kIoctlAdd || request.code == proto::kIoctlAddExact) && success) {
        PF_REQUIRE(done.bytes_written >= proto::kAddReplyLegacySize);
    }
}

void collect(Fixture& fixture) {
    fixture.adapter.collect(fixture.dispatcher);
    for (const auto& [id, done] : fixture.adapter.answers) {
        const auto request = fixture.begun.extract(id);
        PF_REQUIRE(!request.empty());
        require_good_answer(done, request.mapped());
    }
    fixture.adapter.answers.clear();
}

void request(ByteSource& source, Fixture& fixture, core::Owner owner) {
    const std::uint32_t code = pick_code(source);
    const std::vector<std::byte> input = make_input(source, code, owner);
    const std::size_t capacity =
        source.below(4) == 0 ? source.below(kMaxOutput + 1) : std::size_t{24};
    fixture.adapter.now_serving(owner);
    fixture.adapter.refuse(source.below(8) == 0);
    const std::uint64_t before = fixture.adapter.effects();
    const auto done = fixture.dispatcher.dispatch(
        {++fixture.last_id, owner, code, input, capacity, fixture.now_ns});
    if (done) {
        require_good_answer(*done, {code, capacity});
        PF_REQUIRE(done->status != proto::kStatusInvalidParameter ||
                   fixture.adapter.effects() == before);
    } else {
        fixture.begun[fixture.last_id] = {code, capacity};
    }
    fixture.adapter.now_serving(core::kNobody);
}

// Each that is there for a host is there for the system too, under the same number.
void require_same_monitors(const Fixture& fixture) {
    const auto& plugged = fixture.adapter.plugged();
    for (std::uint32_t id = proto::kMonitorIdFirst; id <= proto::kMonitorIdLast; ++id) {
        const core::Monitor* known = fixture.dispatcher.monitors().at(id);
        if (known != nullptr && known->phase == core::Monitor::Phase::there) {
            const auto found = plugged.find(known->number);
            PF_REQUIRE(found != plugged.end() && found->second.monitor_id == id);
            PF_REQUIRE(found->second.owner == known->owner);
        }
    }
    PF_REQUIRE(plugged.size() <= fixture.dispatcher.monitors().size());
}

void step(ByteSource& source, Fixture& fixture) {
    const core::Owner owner = 1 + source.below(3);
    fixture.now_ns += std::int64_t{source.below(4)} * 1'000'000'000;
    switch (source.below(16)) {
        case 0: fixture.dispatcher.tick(fixture.now_ns); break;
        case 1: fixture.dispatcher.owner_gone(owner); break;
        case 2: fixture.adapter.tell_one(fixture.dispatcher, fixture.now_ns); break;
        case 3: break;  // the system takes its time
        default:
            request(source, fixture, owner);
            collect(fixture);
            fixture.adapter.tell_one(fixture.dispatcher, fixture.now_ns);
            break;
    }
    collect(fixture);
    require_same_monitors(fixture);
}

}  // namespace

}  // namespace pf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    pf::fuzz::ByteSource source(data, size);
    pf::fuzz::Fixture fixture({.protocol_version = source.below(9), .process_id = 1});
    while (!source.empty()) {
        pf::fuzz::step(source, fixture);
    }
    fixture.dispatcher.depart_all();
    pf::fuzz::collect(fixture);
    PF_REQUIRE(fixture.begun.empty());
    fixture.adapter.settle(fixture.dispatcher, fixture.now_ns);
    PF_REQUIRE(fixture.adapter.plugged().empty());
    PF_REQUIRE(fixture.dispatcher.monitors().leaving() == 0);
    return 0;
}
