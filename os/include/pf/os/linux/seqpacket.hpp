// Messages on a local SOCK_SEQPACKET connection, as both sides of the control channel use it:
// one message per call, at most one handle beside it, the peer's credentials. Only the Linux
// driver process and os/linux include this. Stateless; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <pf/os/handle.hpp>

namespace pf::os {

struct ReceivedMessage {
    std::size_t bytes = 0;         // 0: the peer closed (an empty message counts as that, too)
    bool truncated = false;        // the message was longer than the buffer; the rest is lost
    std::vector<Handle> handles;   // at most one, close-on-exec
    bool handles_dropped = false;  // more came, or ours would not fit (descriptor limit): closed
};

struct PeerCredentials {
    std::uint32_t pid = 0;
    std::uint32_t uid = 0;
};

// Sends one whole message, and a duplicate of `give` when it is not null. Never blocks on the
// sockets made here: a full queue is an error with reaction retry, a gone peer one with reopen.
Result<void> send_message(const Handle& socket, std::span<const std::byte> message,
                          const Handle* give);

// Takes one message. Nothing there: error with reaction retry. Surplus handles are closed.
Result<ReceivedMessage> receive_message(const Handle& socket, std::span<std::byte> buffer);

// Listens at `directory`/`name`, replacing a socket that was left there; the path may be longer
// than sun_path. The directory must exist and be private. All sockets are non-blocking and
// close-on-exec.
Result<Handle> listen_seqpacket(const std::string& directory, const char* name);
// No connection waiting: error with reaction retry.
Result<Handle> accept_seqpacket(const Handle& listener);
// Nobody listens: reopen. A listener whose queue stays full until the deadline: retry. `path`, the
// directory's, serves where there is no /proc; it must not be too long for sun_path then.
Result<Handle> connect_seqpacket(const Handle& directory, const char* name,
                                 std::int64_t deadline_ns, const std::string& path = {});

// Who connected, or who listened, as the kernel recorded it then.
Result<PeerCredentials> peer_credentials(const Handle& socket);

}  // namespace pf::os
