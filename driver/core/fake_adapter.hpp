// An adapter that records what it was told, and a caller that speaks to a Dispatcher in bytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <pf/core/dispatch.hpp>

namespace pf::core {

class FakeAdapter final : public Adapter {
public:
    struct Plugged {
        std::uint32_t monitor_id = 0;
        Mode mode;
        bool hw_cursor = false;
        Luminance luminance;
        std::vector<std::uint8_t> edid;
        std::vector<Mode> modes;
        std::vector<RingDelivery> rings;
        std::vector<std::uint64_t> cursors;
        std::vector<bool> forwards;
    };

    bool plug(const MonitorSpec& spec) override {
        ever.insert(spec.target_id);
        ++plug_calls;
        if (refuse_plug) {
            return false;
        }
        const auto modes = spec.modes->modes();
        live[spec.target_id] = {spec.monitor_id,
                                spec.mode,
                                spec.hw_cursor,
                                spec.luminance,
                                {spec.edid.begin(), spec.edid.end()},
                                {modes.begin(), modes.end()},
                                {},
                                {},
                                {}};
        return true;
    }
    void unplug(std::uint32_t target_id) override {
        log += " unplug" + std::to_string(target_id);
        stray_calls += live.erase(target_id) != 1;
    }
    std::uint32_t set_modes(std::uint32_t target_id, const ModeList& modes) override {
        stray_calls += live.count(target_id) != 1;
        if (mode_status == proto::kStatusSuccess) {
            const auto list = modes.modes();
            live[target_id].modes.assign(list.begin(), list.end());
        }
        return mode_status;
    }
    bool set_render_adapter(std::uint32_t, std::int32_t) override { return has_adapter; }
    bool knows_handle(Owner, std::uint64_t value) override { return unknown.count(value) == 0; }
    void attach_ring(std::uint32_t target_id, const RingDelivery& ring) override {
        stray_calls += live.count(target_id) != 1;
        live[target_id].rings.push_back(ring);
    }
    void attach_cursor(std::uint32_t target_id, std::uint64_t section) override {
        stray_calls += live.count(target_id) != 1;
        live[target_id].cursors.push_back(section);
    }
    void set_cursor_forward(std::uint32_t target_id, bool enable) override {
        stray_calls += live.count(target_id) != 1;
        live[target_id].forwards.push_back(enable);
    }

    std::map<std::uint32_t, Plugged> live;  // by target
    std::set<std::uint32_t> ever;           // targets that plug() was called with
    std::set<std::uint64_t> unknown;        // handle values
    std::string log;
    int plug_calls = 0;
    int stray_calls = 0;  // for a target that is not plugged
    bool refuse_plug = false;
    bool has_adapter = true;
    std::uint32_t mode_status = proto::kStatusSuccess;
};

struct Caller {
    struct Answer {
        std::uint32_t status;
        std::vector<std::byte> bytes;  // as many as were written
        bool wrote_outside;            // past bytes_written
        const char* reason;
    };

    Answer call(Owner owner, std::uint32_t code, std::vector<std::byte> input,
                std::size_t output_bytes) {
        std::vector<std::byte> output(output_bytes, std::byte{0xA5});
        const Completion done = dispatcher.dispatch(owner, code, input, output, now_ns);
        Answer answer{done.status, {}, done.bytes_written > output_bytes, done.reason};
        for (std::size_t i = done.bytes_written; i < output_bytes; ++i) {
            answer.wrote_outside |= output[i] != std::byte{0xA5};
        }
        output.resize(done.bytes_written);
        answer.bytes = output;
        return answer;
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
    proto::AddReply reply{};
};

}  // namespace pf::core
