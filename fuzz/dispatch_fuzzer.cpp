// Several hosts send anything to driver core: requests that mean something, requests of the wrong
// length, noise; in between processes end and time passes. What core tells its shell must always
// make sense, an answer stays within its buffer, and no host reaches another one's monitor.
#include <array>
#include <cstdint>
#include <vector>

#include <pf/core/dispatch.hpp>

#include "byte_source.hpp"
#include "checking_adapter.hpp"
#include "require.hpp"

namespace pf::fuzz {

namespace {

constexpr std::size_t kMaxOutput = 64;
constexpr std::byte kUntouched{0xA5};

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
                                               proto::kIoctlSetCursorForward};
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

std::vector<std::byte> add_request(ByteSource& source) {
    return structured<proto::AddRequest>(source, [&](proto::AddRequest& r) {
        r = {source.below(20), source.number(), source.number(), source.number(), source.below(18),
             source.number(),  source.number(), source.number(), source.below(2)};
    });
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
        case proto::kIoctlAdd: return add_request(source);
        case proto::kIoctlRemove:
            return structured<proto::RemoveRequest>(
                source, [&](auto& r) { r.session_id = source.below(20); });
        case proto::kIoctlSetFrameChannel: return frame_channel_request(source, owner);
        case proto::kIoctlUpdateModes:
            return structured<proto::UpdateModesRequest>(source, [&](auto& r) {
                r = {source.below(20), source.number(), source.number(), source.number(), 0};
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
};

void require_good_answer(const core::Completion& done, std::uint64_t effects_before,
                         const Fixture& fixture, std::size_t capacity,
                         const std::array<std::byte, kMaxOutput>& output) {
    PF_REQUIRE(done.bytes_written <= capacity);
    PF_REQUIRE(done.status == proto::kStatusSuccess || done.bytes_written == 0);
    for (std::size_t i = done.bytes_written; i < output.size(); ++i) {
        PF_REQUIRE(output[i] == kUntouched);
    }
    PF_REQUIRE(done.status != proto::kStatusInvalidParameter ||
               fixture.adapter.effects() == effects_before);
}

void request(ByteSource& source, Fixture& fixture, core::Owner owner) {
    const std::uint32_t code = pick_code(source);
    const std::vector<std::byte> input = make_input(source, code, owner);
    std::array<std::byte, kMaxOutput> output;
    output.fill(kUntouched);
    const std::size_t capacity =
        source.below(4) == 0 ? source.below(kMaxOutput + 1) : std::size_t{24};
    fixture.adapter.now_serving(owner);
    fixture.adapter.refuse(source.below(8) == 0);
    const std::uint64_t before = fixture.adapter.effects();
    const core::Completion done = fixture.dispatcher.dispatch(
        owner, code, input, std::span(output).first(capacity), fixture.now_ns);
    require_good_answer(done, before, fixture, capacity, output);
    if (code == proto::kIoctlAdd && done.status == proto::kStatusSuccess) {
        PF_REQUIRE(done.bytes_written >= proto::kAddReplyLegacySize);
    }
    fixture.adapter.now_serving(core::kNobody);
}

void require_same_monitors(const Fixture& fixture) {
    const auto& plugged = fixture.adapter.plugged();
    PF_REQUIRE(fixture.dispatcher.monitors().size() == plugged.size());
    for (const auto& [target, monitor] : plugged) {
        const core::Monitor* known = fixture.dispatcher.monitors().at(monitor.monitor_id);
        PF_REQUIRE(known != nullptr && known->target_id == target);
        PF_REQUIRE(known->owner == monitor.owner);
    }
}

void step(ByteSource& source, Fixture& fixture) {
    const core::Owner owner = 1 + source.below(3);
    fixture.now_ns += std::int64_t{source.below(4)} * 1'000'000'000;
    switch (source.below(16)) {
        case 0: fixture.dispatcher.tick(fixture.now_ns); break;
        case 1: fixture.dispatcher.owner_gone(owner); break;
        default: request(source, fixture, owner); break;
    }
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
    PF_REQUIRE(fixture.adapter.plugged().empty());
    return 0;
}
