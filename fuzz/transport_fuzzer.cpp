// The control transport from both ends: a host that sends the driver anything as a message, a
// driver that answers the host's calls with anything (late, twice, cut, with descriptors beside
// it), and whatever may stand in an instance's state file. No descriptor may stay behind.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/event.hpp>
#include <pf/proto/control.hpp>

#include "byte_source.hpp"
#include "control_channel.hpp"
#include "instance_record.hpp"
#include "process/control/control_message.hpp"
#include "require.hpp"

namespace pf::fuzz {

namespace {

// A message with a header that is right but for what the input changes.
template <typename Header>
std::vector<std::byte> message(ByteSource& source, Header header) {
    const auto payload =
        source.take_bytes(source.below(8) == 0 ? source.below(300) : source.below(40));
    header.payload_bytes = static_cast<std::uint32_t>(payload.size());
    std::vector<std::byte> bytes(sizeof(Header));
    proto::write_prefix(header, reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    for (std::uint32_t i = source.below(4); i > 1; --i) {
        bytes[source.below(static_cast<std::uint32_t>(bytes.size()))] = std::byte{source.byte()};
    }
    if (source.below(8) == 0) {
        bytes.resize(source.below(static_cast<std::uint32_t>(bytes.size() + 1)));
    }
    return bytes;
}

void host_lies(ByteSource& source) {
    proto::TransportRequest header{};
    header.magic = proto::kTransportMagic;
    header.version = proto::kTransportVersion;
    header.kind = source.below(5);
    header.reply_capacity = source.number();
    const auto bytes = message(source, header);
    const auto request = driver::parse_request(bytes, source.below(3));
    if (!request) {
        return;
    }
    PF_REQUIRE(request->header.reply_capacity <= proto::kTransportMaxPayload);
    PF_REQUIRE(request->payload.size() == request->header.payload_bytes);
    PF_REQUIRE(sizeof(proto::TransportRequest) + request->payload.size() == bytes.size());
    driver::ControlReply reply{};
    reply.header.payload_bytes = request->header.payload_bytes;
    std::array<std::byte, driver::kMaxReplyBytes> out;
    PF_REQUIRE(driver::write_reply(reply, out) ==
               sizeof(proto::TransportReply) + request->payload.size());
}

// The driver's end of a connection to a host's channel.
class LyingDriver {
public:
    LyingDriver() {
        int ends[2];
        PF_REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) ==
                   0);
        ours_ = os::Handle::adopt(ends[0]);
        channel_.emplace(os::Handle::adopt(ends[1]), *os::Process::open(os::current_pid()),
                         *os::Event::create());
    }
    os::ControlChannel& channel() { return *channel_; }

    void answer(ByteSource& source) {
        proto::TransportReply header{};
        header.magic = proto::kTransportMagic;
        header.version = proto::kTransportVersion;
        header.request_id = source.below(8);
        header.status = source.flag() ? proto::kStatusSuccess : source.number();
        header.value = source.flag() ? source.number() : 0;  // 0: a control reply without a reason
        const auto bytes = message(source, header);
        send(bytes, source.below(16) == 0 ? source.below(4) : 0);
    }
    // Everything that it will ever say is said.
    void fall_silent() { shutdown(descriptor(), SHUT_WR); }
    void listen() {
        std::byte buffer[512];
        while (recv(descriptor(), buffer, sizeof buffer, MSG_DONTWAIT) > 0) {
        }
    }

private:
    int descriptor() const { return static_cast<int>(ours_.native()); }

    void send(std::span<const std::byte> bytes, std::uint32_t descriptors) {
        iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
        msghdr out{};
        out.msg_iov = &part;
        out.msg_iovlen = 1;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control{};
        if (descriptors != 0) {
            out.msg_control = control.data();
            out.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
            cmsghdr* rights = CMSG_FIRSTHDR(&out);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
            const int values[4] = {0, 1, 2, 0};
            std::memcpy(CMSG_DATA(rights), values, descriptors * sizeof(int));
        }
        (void)sendmsg(descriptor(), &out, MSG_DONTWAIT | MSG_NOSIGNAL);
    }

    os::Handle ours_;
    std::optional<os::ControlChannel> channel_;
};

void call(ByteSource& source, os::ControlChannel& channel, std::int64_t deadline_ns) {
    std::array<std::byte, 32> output;
    output.fill(std::byte{0xA5});
    switch (source.below(3)) {
        case 0: {
            const std::size_t capacity = source.below(25);
            const auto written = channel.call(source.number(), source.take_bytes(source.below(50)),
                                              std::span(output).first(capacity), deadline_ns);
            PF_REQUIRE(!written || *written <= capacity);
            for (std::size_t i = written ? *written : 0; i < output.size(); ++i) {
                PF_REQUIRE(output[i] == std::byte{0xA5});
            }
            break;
        }
        case 1: {
            const auto event = os::Event::create();
            const auto value = channel.give(*event, deadline_ns);
            PF_REQUIRE(!value || *value != 0);
            break;
        }
        default: (void)channel.close_remote(source.number(), deadline_ns); break;
    }
}

void driver_lies(ByteSource& source) {
    LyingDriver driver;
    for (std::uint32_t turn = source.below(6); turn > 0; --turn) {
        for (std::uint32_t i = source.below(4); i > 0; --i) {
            driver.answer(source);
        }
        call(source, driver.channel(), os::now_ns());
        driver.listen();
    }
    driver.fall_silent();
    call(source, driver.channel(), os::deadline_after(os::kSecond));
}

void state_file_lies(ByteSource& source) {
    const auto bytes = source.take_bytes(source.size());
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto record = os::parse_record(text);
    if (!record) {
        return;
    }
    for (const char c : record->reason) {
        PF_REQUIRE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
    const auto again = os::parse_record(os::format_record(*record));
    PF_REQUIRE(again && again->state == record->state && again->driver == record->driver);
    PF_REQUIRE(again->protocol == record->protocol && again->reason == record->reason);
    PF_REQUIRE(again->monitors == record->monitors);
}

int lowest_free_descriptor() {
    const int descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(descriptor);
    return descriptor;
}

}  // namespace

}  // namespace pf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pf::fuzz;
    ByteSource source(data, size);
    const int before = lowest_free_descriptor();
    switch (source.below(4)) {
        case 0: host_lies(source); break;
        case 1: state_file_lies(source); break;
        default: driver_lies(source); break;
    }
    PF_REQUIRE(lowest_free_descriptor() == before);
    return 0;
}
