// An adapter that records what it was told, and a caller that speaks to a Dispatcher in bytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "prompt_adapter.hpp"

namespace pf::core {

class FakeAdapter final : public test::PromptAdapter {
public:
    struct Plugged {
        std::uint32_t monitor_id = 0;
        std::uint32_t connector = 0;
        Mode mode;
        bool hw_cursor = false;
        Luminance luminance;
        std::vector<std::uint8_t> edid;
        std::vector<Mode> modes;
        std::vector<RingDelivery> rings;
        std::vector<std::uint64_t> cursors;
        std::vector<bool> forwards;
    };

    PlugResult plug_now(Owner, const MonitorSpec& spec) override {
        ever.insert(spec.number);
        ++plug_calls;
        if (refuse_plug) {
            return {};
        }
        const auto modes = spec.modes->modes();
        for (const auto& [number, other] : live) {
            stray_calls += other.monitor_id == spec.monitor_id;
            stray_calls += other.connector == spec.connector;
        }
        live[spec.number] = {spec.monitor_id,
                             spec.connector,
                             spec.mode,
                             spec.hw_cursor,
                             spec.luminance,
                             {spec.edid.begin(), spec.edid.end()},
                             {modes.begin(), modes.end()},
                             {},
                             {},
                             {}};
        return {.there = true, .target_id = target_of(spec.number), .adapter = adapter};
    }
    std::uint32_t set_modes_now(Owner, MonitorNumber number, const ModeList& modes) override {
        stray_calls += live.count(number) != 1;
        if (mode_status == proto::kStatusSuccess) {
            const auto list = modes.modes();
            live[number].modes.assign(list.begin(), list.end());
        }
        return mode_status;
    }
    void unplug_now(MonitorNumber number) override {
        log += " unplug" + std::to_string(number);
        stray_calls += ever.count(number) != 1 || !unplugged.insert(number).second;
        live.erase(number);
    }
    bool set_render_adapter(const Luid&) override { return has_adapter; }
    bool knows_handle(Owner, std::uint64_t value) override { return unknown.count(value) == 0; }
    void attach_ring(Owner, MonitorNumber number, const RingDelivery& ring) override {
        stray_calls += live.count(number) != 1;
        live[number].rings.push_back(ring);
    }
    void attach_cursor(Owner, MonitorNumber number, std::uint64_t section) override {
        stray_calls += live.count(number) != 1;
        live[number].cursors.push_back(section);
    }
    void set_cursor_forward(MonitorNumber number, bool enable) override {
        stray_calls += live.count(number) != 1;
        live[number].forwards.push_back(enable);
    }
    std::uint32_t target_of(MonitorNumber number) const { return number + first_target - 1; }

    std::map<MonitorNumber, Plugged> live;
    std::set<MonitorNumber> ever;  // that were to be plugged
    std::set<MonitorNumber> unplugged;
    std::set<std::uint64_t> unknown;  // handle values
    std::string log;
    int plug_calls = 0;
    int stray_calls = 0;  // for a monitor that is not plugged, or at a place that is taken
    std::uint32_t first_target = 1;    // the system's name of the first monitor
    std::optional<Luid> adapter = {};  // the system's word on it
    bool refuse_plug = false;
    bool has_adapter = true;
    std::uint32_t mode_status = proto::kStatusSuccess;
};

struct Caller {
    struct Answer {
        std::uint32_t status;
        std::vector<std::byte> bytes;  // as many as were written
        bool wrote_outside;            // more than the caller takes
        const char* reason;
    };

    Answer call(Owner owner, std::uint32_t code, std::vector<std::byte> input,
                std::size_t output_bytes) {
        const Completion done =
            test::dispatch_now(dispatcher, adapter, request(owner, code, input, output_bytes));
        const auto end = done.output.begin() + static_cast<std::ptrdiff_t>(done.bytes_written);
        return {done.status,
                {done.output.begin(), end},
                done.bytes_written > output_bytes,
                done.reason};
    }
    // The same, with nothing that the system has to do for it done. nullopt: begun, as `last_id`.
    std::optional<Completion> begin(Owner owner, std::uint32_t code,
                                    const std::vector<std::byte>& input,
                                    std::size_t output_bytes = 0) {
        auto done = dispatcher.dispatch(request(owner, code, input, output_bytes));
        adapter.collect(dispatcher);
        return done;
    }
    Request request(Owner owner, std::uint32_t code, std::span<const std::byte> input,
                    std::size_t output_bytes) {
        return {++last_id, owner, code, input, output_bytes, now_ns};
    }
    template <typename T>
    static std::vector<std::byte> bytes(const T& value, std::size_t count = sizeof(T)) {
        std::vector<std::byte> out(count, std::byte{0xFF});
        std::memcpy(out.data(), &value, count < sizeof(T) ? count : sizeof(T));
        return out;
    }
    template <typename T>
    std::uint32_t status(Owner owner, std::uint32_t code, const T& request) {
        return call(owner, code, bytes(request), 0).status;
    }
    // The target of the new monitor, 0 when it was refused.
    std::uint32_t add(Owner owner, std::uint64_t session, std::uint32_t preferred = 0,
                      bool hw_cursor = false) {
        proto::AddRequest request{session, 1920, 1080, 60, preferred, 0, 0, 0, hw_cursor};
        const Answer answer = call(owner, proto::kIoctlAdd, bytes(request), 24);
        reply = {};
        std::copy(answer.bytes.begin(), answer.bytes.end(), reinterpret_cast<std::byte*>(&reply));
        return reply.target_id;
    }
    static proto::SetFrameChannelRequest channel(std::uint32_t target) {
        return {target, 1, 6, 8192, 100, 101, {102, 103, 104, 105, 106, 107}};
    }

    explicit Caller(std::uint32_t protocol_version = 6)
        : dispatcher({protocol_version, 4242, 0x11, -1}, adapter) {}

    FakeAdapter adapter;
    Dispatcher dispatcher;
    std::int64_t now_ns = 1'000'000'000'000;
    RequestId last_id = 0;
    proto::AddReply reply{};
};

}  // namespace pf::core
