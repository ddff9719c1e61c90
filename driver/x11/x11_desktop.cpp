#include "x11_desktop.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <pf/os/clock.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

namespace pf::driver {
namespace {

constexpr std::int64_t kConnectNs = 5 * os::kSecond;
constexpr std::int64_t kAnswerNs = os::kSecond / 2;
constexpr std::int64_t kLookAgainNs = os::kSecond / 4;

}  // namespace

os::Result<void> X11Desktop::open() {
    outputs_.reset();
    if (auto there = options_.display.empty() ? open_own() : open_named(); !there) {
        return there;
    }
    auto reached = reach_outputs();
    if (reached) {
        tell_open();
    }
    return reached;
}

os::Result<void> X11Desktop::reach_outputs() {
    auto outputs = X11Outputs::open(endpoint_, {options_.instance, options_.display.empty()},
                                    os::deadline_after(kConnectNs));
    if (!outputs) {
        return tl::unexpected(std::move(outputs.error()));
    }
    outputs_ = std::make_unique<X11Outputs>(std::move(*outputs));
    return outputs_->clear_all();
}

os::Result<void> X11Desktop::open_patiently() {
    const std::int64_t began_ns = os::now_ns();
    for (;;) {
        auto opened = open();
        if (opened) {
            return opened;
        }
        if (opened.error().code != X11Connection::kTimeout) {
            abandon();
            return opened;
        }
        const std::int64_t silent_ns = os::now_ns() - began_ns;
        const bool stopped = os::wait({options_.stop}, os::deadline_after(kLookAgainNs));
        if (stopped) {
            close();  // an orderly end takes the server along, silent or not
            opened.error().detail += "; told to stop meanwhile";
            return opened;
        }
        if (silent_ns >= options_.patience_ns) {
            abandon();
            opened.error().detail +=
                fmt::format("; waited {} s for it: start again later, or end it with: kill -9 {}",
                            silent_ns / os::kSecond, server_process_.pid());
            return opened;
        }
        const std::string line = fmt::format("the X server {} is silent since {} s; still waiting",
                                             endpoint_.display, silent_ns / os::kSecond);
        spdlog::warn("{}", line);
        if (options_.news.waiting) {
            options_.news.waiting(line);
        }
    }
}

void X11Desktop::tell_open() const {
    const char* users = std::getenv("XAUTHORITY");
    const std::string xauthority = own_ ? own_->xauthority() : users != nullptr ? users : "";
    spdlog::info("X server {}, process {}; a program on it: {} xterm", endpoint_.display,
                 server_process_.pid(), os::display_environment(endpoint_.display, xauthority));
    if (options_.news.open) {
        options_.news.open(endpoint_.display, xauthority);
    }
}

void X11Desktop::abandon() {
    outputs_.reset();
    if (own_ && !own_->adopted()) {
        own_->stop();
    }
    own_.reset();
}

os::Result<void> X11Desktop::open_own() {
    if (!own_ || !own_->process().alive()) {
        own_.reset();
        auto server = XorgServer::adopt_or_start(
            {options_.state_directory, options_.xorg_program, options_.keeping});
        if (!server) {
            return tl::unexpected(std::move(server.error()));
        }
        own_.emplace(std::move(*server));
    }
    endpoint_ = own_->endpoint();
    auto process = os::Process::open(own_->process().pid());
    if (!process) {
        return tl::unexpected(std::move(process.error()));
    }
    server_process_ = std::move(*process);
    return {};
}

os::Result<void> X11Desktop::open_named() {
    // Looked up once: a pipe that holds it can be read only once.
    const auto number = local_display_number(options_.display);
    endpoint_ = {options_.display, number ? users_cookie(std::to_string(*number)) : std::nullopt,
                 0};
    auto connection = X11Connection::open(endpoint_, os::deadline_after(kConnectNs));
    if (!connection) {
        return tl::unexpected(std::move(connection.error()));
    }
    auto process = os::Process::open(connection->server_pid());
    if (!process) {
        return tl::unexpected(std::move(process.error()));
    }
    server_process_ = std::move(*process);
    return {};
}

bool X11Desktop::gone() {
    if (!outputs_ || !server_process_.alive()) {
        return true;
    }
    const auto answer = outputs_->connection().sync(os::deadline_after(kAnswerNs));
    return !answer && answer.error().reaction == os::Reaction::reopen;
}

void X11Desktop::close() {
    if (outputs_ && !own_) {
        outputs_->set_patience(nullptr);
        (void)outputs_->clear_all();
    }
    outputs_.reset();
    if (own_) {
        own_->stop();
        own_.reset();
    }
}

}  // namespace pf::driver
