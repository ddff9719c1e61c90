#include "lying_host_turns.hpp"

#include <sys/eventfd.h>

#include <array>
#include <cstring>

#include <pf/os/clock.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/cursor.hpp>

#include "insist.hpp"
#include "wrong_objects.hpp"

namespace pf::hostile {
namespace {

constexpr int kRewritesATurn = 32;
constexpr std::size_t kMaxDeliveries = 6;
constexpr std::size_t kUsualMonitors = 5;

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
    return std::as_bytes(std::span(&value, 1));
}

}  // namespace

LyingHost::LyingHost(std::string instance, std::uint64_t seed, HostCounts& counts)
    : instance_(std::move(instance)), dice_(seed), counts_(counts), line_(instance_) {}

void LyingHost::turn() {
    if (!line_.open()) {
        line_ = ControlLine(instance_);
        ++counts_.connections;
        monitors_.clear();
    }
    rewrite();
    speak();
    ++counts_.requests;
}

void LyingHost::rewrite() {
    std::uint64_t words = 0;
    for (int i = 0; i < kRewritesATurn && !deliveries_.empty(); ++i) {
        const auto which = dice_.below(static_cast<std::uint32_t>(deliveries_.size()));
        words += deliveries_[which].rewrite(dice_);
    }
    counts_.rewrites += words;
    if (!deliveries_.empty() && dice_.one_in(4)) {
        deliveries_[dice_.below(static_cast<std::uint32_t>(deliveries_.size()))].abuse(dice_);
    }
}

void LyingHost::speak() {
    if (dice_.one_in(2000)) {
        return dice_.one_in(2) ? flood_with_gifts() : flood_with_connections();
    }
    switch (dice_.below(16)) {
        case 0:
        case 1:
        case 2: return add();
        case 3: return deliver_cursor();
        case 4: return babble();
        case 5: return dice_.one_in(16) ? leave() : any_operation();
        case 6:
        case 7:
        case 8: return deliver();
        default: return any_operation();
    }
}

void LyingHost::add() {
    if (monitors_.size() >= kUsualMonitors && !dice_.one_in(8)) {
        const auto which = dice_.below(static_cast<std::uint32_t>(monitors_.size()));
        const proto::RemoveRequest remove{monitors_[which].session_id};
        (void)line_.control(proto::kIoctlRemove, bytes_of(remove), 0);
        monitors_.erase(monitors_.begin() + which);
        return;
    }
    proto::AddRequest request{};
    request.session_id = dice_.below(64);
    request.width = dice_.one_in(16) ? dice_.number() : 1 + dice_.below(96);
    request.height = dice_.one_in(16) ? dice_.number() : 1 + dice_.below(64);
    request.refresh_hz = dice_.one_in(16) ? dice_.number() : 1 + dice_.below(1000);
    request.preferred_monitor_id = dice_.one_in(4) ? dice_.number() : 0;
    request.max_luminance_nits = dice_.number();
    request.max_frame_avg_nits = dice_.number();
    request.min_luminance_millinits = dice_.number();
    request.hw_cursor = dice_.below(3);
    const auto reply = line_.control(proto::kIoctlAdd, bytes_of(request), 24);
    if (!reply || reply->header.status != proto::kStatusSuccess) {
        return;
    }
    PF_INSIST(reply->payload.size() == sizeof(proto::AddReply));
    PF_INSIST(proto::valid_mode(request.width, request.height, request.refresh_hz));
    proto::AddReply answer;
    std::memcpy(&answer, reply->payload.data(), sizeof answer);
    PF_INSIST(proto::valid_monitor_id(answer.resolved_monitor_id));
    monitors_.push_back({request.session_id, answer.target_id, request.width, request.height});
    ++counts_.monitors;
}

std::uint32_t LyingHost::any_target() {
    return monitors_.empty() || dice_.one_in(8)
               ? dice_.number()
               : monitors_[dice_.below(static_cast<std::uint32_t>(monitors_.size()))].target_id;
}

void LyingHost::deliver() {
    if (monitors_.empty()) {
        return add();
    }
    LiarsMonitor monitor = monitors_[dice_.below(static_cast<std::uint32_t>(monitors_.size()))];
    if (std::uint64_t{monitor.width} * monitor.height > 10'000 || dice_.one_in(16)) {
        monitor.width = 1 + dice_.below(96);  // a ring of another size than the monitor's
        monitor.height = 1 + dice_.below(64);
    }
    deliveries_.emplace_back(line_, monitor, known_, dice_);
    ++counts_.deliveries;
    counts_.opened += deliveries_.back().opened() ? 1 : 0;
    if (dice_.one_in(2)) {
        hammer_.add(deliveries_.back().take_event());
        counts_.event_blows += hammer_.blows() - blows_counted_;
        blows_counted_ = hammer_.blows();
    }
    if (deliveries_.size() > kMaxDeliveries) {
        deliveries_.erase(deliveries_.begin() + dice_.below(kMaxDeliveries));
    }
}

void LyingHost::deliver_cursor() {
    os::Handle section = dice_.one_in(2) ? no_memory(proto::kCursorSectionBytes, dice_)
                                         : sealed_memory(proto::kCursorSectionBytes);
    if (auto region = os::Region::adopt(section ? section.duplicate().value() : os::Handle{},
                                        proto::kCursorSectionBytes);
        region && region->size() == proto::kCursorSectionBytes) {
        if (const auto mapping = os::WritableMapping::map(*region)) {
            auto& shared = *reinterpret_cast<proto::CursorShm*>(mapping->bytes().data());
            shared.magic = dice_.one_in(8) ? dice_.number() : proto::kCursorMagic;
            shared.seq = dice_.number();
        }
    }
    proto::SetCursorChannelRequest request{};
    request.target_id = any_target();
    request.header_handle = dice_.one_in(8) ? known_.any(dice_) : line_.give(section);
    (void)line_.control(proto::kIoctlSetCursorChannel, bytes_of(request), dice_.below(16));
    const proto::SetCursorForwardRequest forward{any_target(), dice_.below(2)};
    (void)line_.control(proto::kIoctlSetCursorForward, bytes_of(forward), 0);
}

// Any of the ten, or none of them, with a payload that is right in parts.
void LyingHost::any_operation() {
    std::array<std::uint32_t, 64> words;
    for (std::uint32_t& word : words) {
        word = dice_.number();
    }
    const std::uint32_t function = 0x900 + dice_.below(12);
    if (function == 0x907 && !dice_.one_in(4)) {  // UpdateModes that a monitor can take
        words = {dice_.below(64), 0, 1 + dice_.below(96), 1 + dice_.below(64),
                 1 + dice_.below(1000)};
    } else if (function >= 0x906 && dice_.one_in(2)) {
        words[0] = any_target();
        const std::uint64_t value = known_.any(dice_);
        std::memcpy(&words[2], &value, sizeof value);
    } else if (function == 0x905 && !dice_.one_in(16)) {
        return;  // ClearAll would leave little to lie about
    }
    const std::uint32_t code = dice_.one_in(16) ? dice_.number() : proto::ctl_code(function);
    const auto bytes = std::as_bytes(std::span(words));
    (void)line_.control(code,
                        bytes.first(dice_.one_in(4) ? dice_.below(257) : 24 + dice_.below(64)),
                        dice_.one_in(8) ? dice_.number() : dice_.below(64));
    if (dice_.one_in(8)) {
        (void)line_.close_value(known_.any(dice_));
    }
}

// A message that is none, with descriptors that belong to nothing.
void LyingHost::babble() {
    std::array<std::byte, 400> bytes;
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(dice_.below(256));
    }
    proto::TransportRequest header{};
    header.magic = proto::kTransportMagic;
    header.version = proto::kTransportVersion;
    header.kind = dice_.below(5);
    header.code = proto::ctl_code(0x900 + dice_.below(12));
    header.payload_bytes = dice_.below(300);
    std::memcpy(bytes.data(), &header, dice_.below(sizeof header + 1));
    const os::Handle event = os::Handle::adopt(::eventfd(0, EFD_CLOEXEC));
    std::array<int, 8> descriptors;
    descriptors.fill(static_cast<int>(event.native()));
    const std::size_t length =
        dice_.one_in(2) ? sizeof header + header.payload_bytes : dice_.below(400);
    ControlLine& line = others_.empty() || dice_.one_in(2) ? line_ : others_.front();
    (void)line.send(std::span(bytes).first(length),
                    std::span(descriptors).first(event ? dice_.below(9) : 0));
    if (dice_.one_in(2)) {
        (void)line.drain(dice_.below(3) * os::kMillisecond);
    } else if (dice_.one_in(4)) {
        line.close();  // nobody reads the reply
    }
}

void LyingHost::flood_with_gifts() {
    const os::Handle event = os::Handle::adopt(::eventfd(0, EFD_CLOEXEC));
    for (std::uint32_t i = 600; i > 0 && line_.open(); --i) {
        known_.remember(line_.give(event));
        ++counts_.gifts;
    }
    line_.close();
}

// More than an owner may have, and half of them with a request whose reply nobody reads.
void LyingHost::flood_with_connections() {
    const std::array<std::byte, sizeof(proto::TransportRequest)> nothing{};
    for (std::uint32_t i = 40; i > 0; --i) {
        others_.emplace_back(instance_);
        ++counts_.connections;
        if (others_.back().open() && dice_.one_in(2)) {
            (void)others_.back().send(std::span(nothing).first(dice_.below(sizeof nothing)));
        }
    }
    while (others_.size() > 4) {
        others_.pop_front();
    }
}

void LyingHost::leave() {
    proto::TransportRequest header{};
    header.magic = proto::kTransportMagic;
    header.version = proto::kTransportVersion;
    header.kind = dice_.one_in(2) ? proto::kTransportControl : proto::kTransportGiveHandle;
    header.code = proto::kIoctlGetInfo;
    header.reply_capacity = 8;
    const os::Handle event = os::Handle::adopt(::eventfd(0, EFD_CLOEXEC));
    const int descriptor = static_cast<int>(event.native());
    if (dice_.one_in(2)) {
        (void)line_.send(bytes_of(header), std::span(&descriptor, dice_.below(2)));
    }
    line_.close();
}

}  // namespace pf::hostile
