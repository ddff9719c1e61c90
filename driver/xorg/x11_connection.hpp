// A connection to an X server on which nothing waits for ever: every answer has a deadline, a
// broken connection and a server's refusal are errors. One thread at a time.
#pragma once

#include <xcb/xcb.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <pf/os/handle.hpp>

#include "x11_error.hpp"
#include "x11_socket.hpp"
#include "xorg_authority.hpp"

namespace pf::driver {

struct X11Endpoint {
    std::string display;               // ":7"
    std::optional<XorgCookie> cookie;  // none: the user's own programs' one is looked up
    std::uint32_t server_pid = 0;      // refuse any other process at the other end; 0: any
};

struct XcbFree {
    void operator()(void* memory) const { std::free(memory); }
};
template <typename T>
using XcbPtr = std::unique_ptr<T, XcbFree>;

// What a thread does while it waits for an answer, so that it stays alive and can be called off.
class X11Patience {
public:
    virtual ~X11Patience() = default;
    // Readable when somebody wants the thread; -1: nobody will. turn() empties it.
    virtual int wake_descriptor() const = 0;
    // Called at least every quarter of a second. False: stop waiting.
    virtual bool turn(std::int64_t waited_ns) = 0;
};

// Codes by which the server numbers its extensions' requests, events and errors.
struct X11Extensions {
    std::uint8_t randr_event = 0;
    std::uint8_t damage_event = 0;
    std::uint8_t fixes_event = 0;
    std::uint8_t input_opcode = 0;
    X11ErrorBases errors;
};

class X11Connection {
public:
    // Error::code of an answer that did not come in time, or was given up on (reaction retry).
    static constexpr std::int64_t kTimeout = kX11Silent;
    static constexpr std::int64_t kCancelled = -2;
    // Of a server's refusal; its detail names X's own code, which no errno may be mistaken for.
    static constexpr std::int64_t kRefused = -3;

    // retry with code kTimeout: the server is there and silent. reopen: nobody is there. reject: it
    // or its socket's directory does not let us in. Refuses (fallback) a server without RANDR 1.5,
    // DAMAGE, XFIXES 4, MIT-SHM 1.2 or XInput 2.
    static os::Result<X11Connection> open(const X11Endpoint& endpoint, std::int64_t deadline_ns);

    xcb_connection_t* raw() const { return connection_.get(); }
    const xcb_screen_t& screen() const { return *screen_; }
    xcb_window_t root() const { return screen_->root; }
    const X11Extensions& extensions() const { return extensions_; }
    std::uint32_t server_pid() const { return server_pid_; }
    int descriptor() const { return xcb_get_file_descriptor(raw()); }
    bool broken() const { return xcb_connection_has_error(raw()) != 0; }

    // The answer to a request, if it has come; flushes. nullopt: not yet.
    std::optional<os::Result<XcbPtr<void>>> poll_reply(unsigned sequence, const char* operation);
    // reject with code kRefused: the server refuses. reopen: the connection is broken.
    template <typename Reply>
    os::Result<XcbPtr<Reply>> reply(unsigned sequence, const char* operation,
                                    std::int64_t deadline_ns) {
        auto got = wait_reply(sequence, operation, deadline_ns);
        if (!got) {
            return tl::unexpected(std::move(got.error()));
        }
        return XcbPtr<Reply>(static_cast<Reply*>(got->release()));
    }
    // For a request without an answer, sent by an xcb *_checked function.
    os::Result<void> check(xcb_void_cookie_t cookie, const char* operation,
                           std::int64_t deadline_ns);
    // The same for several, at the price of one answer: the first error.
    os::Result<void> check_all(std::span<const xcb_void_cookie_t> cookies, const char* operation,
                               std::int64_t deadline_ns);
    // The server has handled everything sent before.
    os::Result<void> sync(std::int64_t deadline_ns);

    // Asked while waiting from now on; not owned. Null: nobody.
    void set_patience(X11Patience* patience) { patience_ = patience; }

    std::uint32_t new_id() { return xcb_generate_id(raw()); }

private:
    struct Disconnect {
        void operator()(xcb_connection_t* connection) const { xcb_disconnect(connection); }
    };
    X11Connection() = default;
    os::Result<void> learn_extensions();
    os::Result<XcbPtr<void>> wait_reply(unsigned sequence, const char* operation,
                                        std::int64_t deadline_ns);
    os::Result<XcbPtr<void>> take_reply(void* reply, xcb_generic_error_t* error,
                                        const char* operation) const;

    std::unique_ptr<xcb_connection_t, Disconnect> connection_;
    const xcb_screen_t* screen_ = nullptr;
    X11Extensions extensions_;
    std::uint32_t server_pid_ = 0;
    X11Patience* patience_ = nullptr;
};

}  // namespace pf::driver
