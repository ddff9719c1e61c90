#include "x11_connection.hpp"

#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/shm.h>
#include <xcb/xcbext.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#include <algorithm>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "process/output/descriptor_source.hpp"

namespace pf::driver {
namespace {

constexpr const char* kOpen = "connect to X display";
constexpr std::int64_t kTurnNs = os::kSecond / 4;

// Waits until one of the descriptors (-1: none) is readable, at most kTurnNs or to the deadline.
// The wake-up is left for whoever it is for.
void wait_readable(int socket, int wake, std::int64_t deadline_ns) {
    DescriptorSource sources[] = {DescriptorSource(socket), DescriptorSource(wake)};
    os::wait({sources[0], sources[1]}, std::min(deadline_ns, os::deadline_after(kTurnNs)));
}

os::Result<void> require(bool has, const char* what) {
    if (has) {
        return {};
    }
    return os::fail(kOpen, 0, os::Reaction::fallback,
                    fmt::format("the X server lacks {}; use a local Xorg 1.20 or newer", what));
}

xcb_connection_t* greet(os::Handle socket, const std::optional<XorgCookie>& cookie) {
    XorgCookie bytes = cookie.value_or(XorgCookie{});
    std::string name(kXorgCookieName);
    xcb_auth_info_t auth{static_cast<int>(name.size()), name.data(),
                         static_cast<int>(bytes.bytes.size()), bytes.bytes.data()};
    return xcb_connect_to_fd(static_cast<int>(socket.release()), cookie ? &auth : nullptr);
}

tl::unexpected<os::Error> explain_silence(const X11Endpoint& endpoint, std::uint32_t server_pid) {
    return os::fail(kOpen, X11Connection::kTimeout, os::Reaction::retry,
                    fmt::format("the X server {} (process {}) is silent; is it stopped?",
                                endpoint.display, server_pid));
}

// xcb says only that there is no connection; the clock tells the two reasons apart.
tl::unexpected<os::Error> explain_no_greeting(const X11Endpoint& endpoint, bool cookie,
                                              std::uint32_t server_pid, std::int64_t deadline_ns) {
    if (os::now_ns() >= deadline_ns) {
        return explain_silence(endpoint, server_pid);
    }
    return os::fail(kOpen, 0, os::Reaction::reopen,
                    cookie
                        ? fmt::format("{} refuses us: it does not know our cookie; is XAUTHORITY "
                                      "right?",
                                      endpoint.display)
                        : fmt::format("{} refuses us: there is no cookie for it in '{}' that we "
                                      "could read; is XAUTHORITY right?",
                                      endpoint.display, users_authority_path()));
}

// A reply to `query` whose version is at least major.minor.
template <typename Reply>
bool at_least(Reply* reply, std::uint32_t major, std::uint32_t minor) {
    const XcbPtr<Reply> owned(reply);
    return owned && (owned->major_version > major ||
                     (owned->major_version == major && owned->minor_version >= minor));
}

}  // namespace

os::Result<X11Connection> X11Connection::open(const X11Endpoint& endpoint,
                                              std::int64_t deadline_ns) {
    const auto number = local_display_number(endpoint.display);
    if (!number) {
        return os::fail(kOpen, 0, os::Reaction::reject,
                        fmt::format("'{}' is not a display of this machine; name one like :0",
                                    endpoint.display));
    }
    X11Connection opened;
    auto socket = connect_display(*number, deadline_ns, opened.server_pid_);
    if (!socket) {
        return tl::unexpected(std::move(socket.error()));
    }
    if (endpoint.server_pid != 0 && endpoint.server_pid != opened.server_pid_) {
        return os::fail(
            kOpen, 0, os::Reaction::reopen,
            fmt::format("{} belongs to process {} now", endpoint.display, opened.server_pid_));
    }
    auto watched = socket->duplicate();
    if (!watched) {
        return tl::unexpected(std::move(watched.error()));
    }
    const auto guard = SocketGuard::start(*watched, deadline_ns);
    if (!guard) {
        return tl::unexpected(guard.error());
    }
    const auto cookie = endpoint.cookie ? endpoint.cookie : users_cookie(std::to_string(*number));
    opened.connection_.reset(greet(std::move(*socket), cookie));
    if (opened.broken()) {
        return explain_no_greeting(endpoint, cookie.has_value(), opened.server_pid_, deadline_ns);
    }
    opened.screen_ = xcb_setup_roots_iterator(xcb_get_setup(opened.raw())).data;
    if (auto known = opened.learn_extensions(); !known) {
        return opened.broken() ? explain_silence(endpoint, opened.server_pid_)
                               : tl::unexpected(std::move(known.error()));
    }
    return opened;
}

// Runs under the guard of open(), so the waits of xcb itself end with the deadline.
os::Result<void> X11Connection::learn_extensions() {
    xcb_connection_t* c = raw();
    xcb_extension_t* const needed[] = {&xcb_randr_id, &xcb_damage_id, &xcb_xfixes_id, &xcb_shm_id,
                                       &xcb_input_id};
    for (xcb_extension_t* extension : needed) {
        xcb_prefetch_extension_data(c, extension);
    }
    for (xcb_extension_t* extension : needed) {
        const xcb_query_extension_reply_t* data = xcb_get_extension_data(c, extension);
        if (auto has = require(data != nullptr && data->present != 0, extension->name); !has) {
            return has;
        }
    }
    const auto randr = xcb_randr_query_version(c, 1, 5);
    const auto damage = xcb_damage_query_version(c, 1, 1);
    const auto fixes = xcb_xfixes_query_version(c, 4, 0);
    const auto shm = xcb_shm_query_version(c);
    const auto input = xcb_input_xi_query_version(c, 2, 2);
    const bool versions[] = {at_least(xcb_randr_query_version_reply(c, randr, nullptr), 1, 5),
                             at_least(xcb_damage_query_version_reply(c, damage, nullptr), 1, 1),
                             at_least(xcb_xfixes_query_version_reply(c, fixes, nullptr), 4, 0),
                             at_least(xcb_shm_query_version_reply(c, shm, nullptr), 1, 2),
                             at_least(xcb_input_xi_query_version_reply(c, input, nullptr), 2, 0)};
    const char* const names[] = {"RANDR 1.5", "DAMAGE 1.1", "XFIXES 4", "MIT-SHM 1.2", "XInput 2"};
    for (std::size_t i = 0; i < std::size(versions); ++i) {
        if (auto has = require(versions[i], names[i]); !has) {
            return has;
        }
    }
    extensions_ = {xcb_get_extension_data(c, &xcb_randr_id)->first_event,
                   xcb_get_extension_data(c, &xcb_damage_id)->first_event,
                   xcb_get_extension_data(c, &xcb_xfixes_id)->first_event,
                   xcb_get_extension_data(c, &xcb_input_id)->major_opcode,
                   {xcb_get_extension_data(c, &xcb_randr_id)->first_error,
                    xcb_get_extension_data(c, &xcb_damage_id)->first_error,
                    xcb_get_extension_data(c, &xcb_xfixes_id)->first_error,
                    xcb_get_extension_data(c, &xcb_shm_id)->first_error,
                    xcb_get_extension_data(c, &xcb_input_id)->first_error}};
    return {};
}

os::Result<XcbPtr<void>> X11Connection::take_reply(void* reply, xcb_generic_error_t* error,
                                                   const char* operation) const {
    XcbPtr<void> owned(reply);
    const XcbPtr<xcb_generic_error_t> refusal(error);
    if (refusal) {
        return os::fail(
            operation, kRefused, os::Reaction::reject,
            fmt::format("the X server refuses it: {}, request {}.{}, value {}",
                        x11_error_name(refusal->error_code, extensions_.errors),
                        refusal->major_code, refusal->minor_code, refusal->resource_id));
    }
    if (broken()) {
        return os::fail(operation, 0, os::Reaction::reopen, "the connection to the X server broke");
    }
    return owned;
}

std::optional<os::Result<XcbPtr<void>>> X11Connection::poll_reply(unsigned sequence,
                                                                  const char* operation) {
    xcb_flush(raw());
    void* reply = nullptr;
    xcb_generic_error_t* error = nullptr;
    if (xcb_poll_for_reply(raw(), sequence, &reply, &error) == 0) {
        return std::nullopt;
    }
    return take_reply(reply, error, operation);
}

os::Result<XcbPtr<void>> X11Connection::wait_reply(unsigned sequence, const char* operation,
                                                   std::int64_t deadline_ns) {
    const std::int64_t began_ns = os::now_ns();
    for (std::int64_t now_ns = began_ns;; now_ns = os::now_ns()) {
        if (auto got = poll_reply(sequence, operation)) {
            return std::move(*got);
        }
        if (now_ns >= deadline_ns) {
            xcb_discard_reply(raw(), sequence);
            return os::fail(operation, kTimeout, os::Reaction::retry,
                            "the X server does not answer; is it stopped?");
        }
        if (patience_ != nullptr && !patience_->turn(now_ns - began_ns)) {
            xcb_discard_reply(raw(), sequence);
            return os::fail(operation, kCancelled, os::Reaction::retry, "called off");
        }
        wait_readable(descriptor(), patience_ != nullptr ? patience_->wake_descriptor() : -1,
                      deadline_ns);
    }
}

os::Result<void> X11Connection::sync(std::int64_t deadline_ns) {
    const auto cookie = xcb_get_input_focus(raw());
    auto done = wait_reply(cookie.sequence, "wait for X server", deadline_ns);
    if (!done) {
        return tl::unexpected(std::move(done.error()));
    }
    return {};
}

os::Result<void> X11Connection::check(xcb_void_cookie_t cookie, const char* operation,
                                      std::int64_t deadline_ns) {
    return check_all({&cookie, 1}, operation, deadline_ns);
}

// The answer of a later request proves that these were handled; their errors came before it.
os::Result<void> X11Connection::check_all(std::span<const xcb_void_cookie_t> cookies,
                                          const char* operation, std::int64_t deadline_ns) {
    os::Result<void> result = sync(deadline_ns);
    const bool handled = result.has_value();
    if (!handled) {
        result.error().operation = operation;
    }
    for (const xcb_void_cookie_t cookie : cookies) {
        if (!handled) {
            xcb_discard_reply(raw(), cookie.sequence);
        } else if (auto got = poll_reply(cookie.sequence, operation); got && !*got && result) {
            result = tl::unexpected(std::move(got->error()));
        }
    }
    return result;
}

}  // namespace pf::driver
