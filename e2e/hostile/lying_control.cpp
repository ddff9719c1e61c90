#include "lying_control.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/event.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/linux/seqpacket.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/cursor.hpp>
#include <pf/proto/transport.hpp>

#include "insist.hpp"
#include "section_liar.hpp"

namespace pf::hostile {
namespace {

constexpr std::uint32_t kRewritesATurn = 64;
// Each costs the host a whole deadline of seconds.
constexpr std::uint64_t kMaxSilences = 3;

struct GivenRing {
    std::vector<os::WritableMapping> mappings;
    RingLiar liar;
    os::Handle event;
};

// A write(2) to it blocks from now on: the counter is full and nobody asked for EAGAIN.
void fill_and_make_blocking(const os::Handle& event) {
    const auto descriptor = static_cast<int>(event.native());
    const int flags = ::fcntl(descriptor, F_GETFL);
    const std::uint64_t full = UINT64_MAX - 1;
    ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
    (void)!::write(descriptor, &full, sizeof full);
    ::fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

class Liar {
public:
    Liar(os::Handle socket, Dice& dice, ControlCounts& counts)
        : socket_(std::move(socket)), dice_(dice), counts_(counts) {}

    const os::Handle& socket() const { return socket_; }
    // False: the connection ends.
    bool answer_one();
    void rewrite();
    void fill_events() const;

private:
    struct Reply {
        proto::TransportReply header{};
        std::vector<std::byte> payload;
    };
    Reply honest_reply(const proto::TransportRequest& request, std::span<const std::byte> payload,
                       std::vector<os::Handle> handles);
    void control(const proto::TransportRequest& request, std::span<const std::byte> payload,
                 Reply& reply);
    void add(Reply& reply);
    void add_reason(const proto::TransportRequest& request, Reply& reply);
    void take_ring(const proto::SetFrameChannelRequest& request);
    void take_cursor(const proto::SetCursorChannelRequest& request);
    std::optional<os::WritableMapping> map(std::uint64_t value);
    bool send(const Reply& reply);
    bool lie(Reply reply);

    os::Handle socket_;
    Dice& dice_;
    ControlCounts& counts_;
    std::map<std::uint64_t, os::Handle> given_;
    std::uint64_t next_value_ = 1000;
    std::uint32_t next_target_ = 1;
    std::list<GivenRing> rings_;
    std::list<os::WritableMapping> cursors_;
};

template <typename T>
std::vector<std::byte> bytes_of(const T& value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    return {bytes.begin(), bytes.end()};
}

bool Liar::answer_one() {
    std::array<std::byte, 512> message;
    auto received = os::receive_message(socket_, message);
    if (!received || received->bytes < sizeof(proto::TransportRequest)) {
        return !received && received.error().reaction == os::Reaction::retry;
    }
    proto::TransportRequest request;
    std::memcpy(&request, message.data(), sizeof request);
    const auto payload = std::span(message).first(received->bytes).subspan(sizeof request);
    const Reply reply = honest_reply(request, payload, std::move(received->handles));
    ++counts_.replies;
    return dice_.one_in(24) ? lie(reply) : send(reply);
}

Liar::Reply Liar::honest_reply(const proto::TransportRequest& request,
                               std::span<const std::byte> payload,
                               std::vector<os::Handle> handles) {
    Reply reply;
    reply.header.magic = proto::kTransportMagic;
    reply.header.version = proto::kTransportVersion;
    reply.header.request_id = request.request_id;
    if (request.kind == proto::kTransportGiveHandle && !handles.empty()) {
        reply.header.value = next_value_++;
        given_.emplace(reply.header.value, std::move(handles.front()));
    } else if (request.kind == proto::kTransportCloseHandle) {
        given_.erase(request.value);
    } else {
        control(request, payload, reply);
    }
    return reply;
}

void Liar::control(const proto::TransportRequest& request, std::span<const std::byte> payload,
                   Reply& reply) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(payload.data());
    switch (request.code) {
        case proto::kIoctlGetInfo: {
            const bool odd = dice_.one_in(16);
            reply.payload = bytes_of(proto::InfoReply{odd ? dice_.number() : 2 + dice_.below(5),
                                                      odd ? dice_.number() : dice_.below(12)});
            break;
        }
        case proto::kIoctlAdd: add(reply); break;
        case proto::kIoctlSetFrameChannel: {
            proto::SetFrameChannelRequest ring{};
            PF_INSIST(proto::read_struct(bytes, payload.size(), ring));
            take_ring(ring);
            break;
        }
        case proto::kIoctlSetCursorChannel: {
            proto::SetCursorChannelRequest cursor{};
            PF_INSIST(proto::read_struct(bytes, payload.size(), cursor));
            take_cursor(cursor);
            break;
        }
        default: break;
    }
    reply.payload.resize(std::min<std::size_t>(reply.payload.size(), request.reply_capacity));
    reply.header.payload_bytes = static_cast<std::uint32_t>(reply.payload.size());
    if (dice_.one_in(16)) {
        add_reason(request, reply);
    }
}

// As long as it says, of any bytes; now and then with a refusal.
void Liar::add_reason(const proto::TransportRequest& request, Reply& reply) {
    const auto room = static_cast<std::uint32_t>(request.value);
    PF_INSIST(request.value <= proto::kTransportMaxReason);
    const std::uint32_t bytes = dice_.below(room + 1);
    for (std::uint32_t i = 0; i < bytes; ++i) {
        reply.payload.push_back(static_cast<std::byte>(dice_.below(256)));
    }
    reply.header.value = bytes | (dice_.one_in(2) ? proto::kTransportReasonFinal : 0);
    if (dice_.one_in(4)) {
        reply.header.status = proto::kStatusNotFound;
    }
}

void Liar::add(Reply& reply) {
    proto::AddReply answer{};
    answer.target_id = dice_.one_in(16) ? dice_.number() : next_target_++;
    answer.resolved_monitor_id = dice_.one_in(16) ? dice_.number() : 1 + dice_.below(15);
    answer.wudf_pid = dice_.one_in(16) ? dice_.number() : os::current_pid();
    answer.cursor_excluded = dice_.below(2);
    reply.payload = bytes_of(answer);
}

std::optional<os::WritableMapping> Liar::map(std::uint64_t value) {
    const auto found = given_.find(value);
    if (found == given_.end()) {
        return std::nullopt;
    }
    auto region = os::Region::adopt(std::move(found->second), 1);
    given_.erase(found);
    PF_INSIST(region);  // what a host gives is sealed
    return os::WritableMapping::map(*region).value();
}

void Liar::take_ring(const proto::SetFrameChannelRequest& request) {
    std::vector<os::WritableMapping> mappings;
    LiarsRing view;
    auto header = map(request.header_handle);
    os::Handle event;
    if (const auto found = given_.find(request.event_handle); found != given_.end()) {
        event = std::move(found->second);
        given_.erase(found);
    }
    if (!header) {
        return;
    }
    PF_INSIST(header->bytes().size() == proto::kHeaderSectionBytes);
    view.header = header->bytes();
    view.generation = request.generation;
    mappings.push_back(std::move(*header));
    for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
        if (auto slot = map(request.texture_handles[i])) {
            view.slots[i] = slot->bytes();
            mappings.push_back(std::move(*slot));
        }
    }
    if (event && dice_.one_in(2)) {
        fill_and_make_blocking(event);
    }
    rings_.push_back({std::move(mappings), RingLiar(view, dice_), std::move(event)});
    if (!dice_.one_in(8)) {
        rings_.back().liar.open();
    }
    if (rings_.size() > 2) {  // an older one is lied in for a while, too
        rings_.pop_front();
    }
    ++counts_.rings;
}

void Liar::take_cursor(const proto::SetCursorChannelRequest& request) {
    if (auto section = map(request.header_handle)) {
        PF_INSIST(section->bytes().size() >= proto::kCursorSectionBytes);
        cursors_.push_back(std::move(*section));
        if (cursors_.size() > 2) {
            cursors_.pop_front();
        }
        ++counts_.cursors;
    }
}

bool Liar::send(const Reply& reply) {
    std::vector<std::byte> message = bytes_of(reply.header);
    message.insert(message.end(), reply.payload.begin(), reply.payload.end());
    const auto sent = os::send_message(socket_, message, nullptr);
    return sent || sent.error().reaction == os::Reaction::retry;
}

bool Liar::lie(Reply reply) {
    ++counts_.lies;
    switch (dice_.below(12)) {
        case 0: reply.header.status = dice_.number(); break;
        case 1: reply.header.value = dice_.long_number(); break;
        case 2: reply.header.request_id = dice_.long_number(); break;
        case 3: reply.header.magic ^= dice_.number(); break;
        case 4: reply.header.payload_bytes = dice_.number(); break;
        case 5: reply.payload.resize(dice_.below(300)); break;
        case 6:  // consistent, and longer or shorter than what was asked for
            reply.payload.resize(dice_.below(64));
            reply.header.payload_bytes = static_cast<std::uint32_t>(reply.payload.size());
            break;
        case 7:
            for (std::byte& byte : reply.payload) {
                byte = static_cast<std::byte>(dice_.below(256));
            }
            break;
        case 8: return send(reply) && send(reply);
        case 9: {
            const auto cut = bytes_of(reply.header);
            (void)os::send_message(socket_, std::span(cut).first(dice_.below(32)), nullptr);
            return true;
        }
        case 10: {
            const std::vector<std::byte> message = bytes_of(reply.header);
            const auto event = os::Event::create().value();
            (void)os::send_message(socket_, message, &event.handle());
            return true;
        }
        default:
            if (counts_.silences < kMaxSilences && dice_.one_in(8)) {
                ++counts_.silences;
                return true;
            }
            return false;  // the connection ends between request and reply
    }
    return send(reply);
}

void Liar::fill_events() const {
    for (const GivenRing& ring : rings_) {
        if (ring.event) {
            fill_and_make_blocking(ring.event);
        }
    }
}

void Liar::rewrite() {
    std::uint64_t words = 0;
    for (std::uint32_t turn = 0; turn < kRewritesATurn; ++turn) {
        for (GivenRing& ring : rings_) {
            words += ring.liar.lie();
            // Else every session would lose its ring within a few lies.
            if (!dice_.one_in(2000)) {
                ring.liar.open();
            }
            if (ring.event && dice_.one_in(500)) {
                fill_and_make_blocking(ring.event);
            }
        }
        for (const os::WritableMapping& cursor : cursors_) {
            words += CursorLiar(cursor.bytes(), dice_).lie();
        }
    }
    counts_.rewrites += words;
}

}  // namespace

void serve_lies(const std::string& instance, std::uint64_t seed, ControlCounts& counts) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Dice dice(seed);
    auto directory = os::InstanceDirectory::acquire(instance).value();
    const auto listener = directory.listen().value();
    PF_INSIST(directory.set_state(os::InstanceState::active, "", 6));
    std::list<Liar> liars;
    for (;;) {
        std::vector<pollfd> entries{{static_cast<int>(listener.native()), POLLIN, 0}};
        for (const Liar& liar : liars) {
            entries.push_back({static_cast<int>(liar.socket().native()), POLLIN, 0});
        }
        ::poll(entries.data(), entries.size(), liars.empty() ? -1 : 1);
        if (counts.stand_still.exchange(0) != 0) {
            std::for_each(liars.begin(), liars.end(), [](const Liar& one) { one.fill_events(); });
            ::raise(SIGSTOP);
        }
        auto entry = entries.begin() + 1;
        for (auto liar = liars.begin(); liar != liars.end(); ++entry) {
            const bool ends = entry->revents != 0 && !liar->answer_one();
            if (!ends) {
                liar->rewrite();
            }
            liar = ends ? liars.erase(liar) : std::next(liar);
        }
        if (entries[0].revents != 0) {
            if (auto socket = os::accept_seqpacket(listener)) {
                liars.emplace_back(std::move(*socket), dice, counts);
            }
        }
    }
}

}  // namespace pf::hostile
