#include "x11_desktop.hpp"

#include <pf/os/clock.hpp>

namespace pf::hostproc {
namespace {

constexpr std::int64_t kConnectNs = 5 * os::kSecond;
constexpr std::int64_t kAnswerNs = os::kSecond / 2;

}  // namespace

os::Result<void> X11Desktop::open() {
    outputs_.reset();
    if (auto there = options_.display.empty() ? open_own() : open_named(); !there) {
        return there;
    }
    auto outputs = X11Outputs::open(endpoint_, {options_.instance, options_.display.empty()},
                                    os::deadline_after(kConnectNs));
    if (!outputs) {
        return tl::unexpected(std::move(outputs.error()));
    }
    outputs_ = std::make_unique<X11Outputs>(std::move(*outputs));
    return outputs_->clear_all();
}

os::Result<void> X11Desktop::open_own() {
    if (!own_ || !own_->process().alive()) {
        own_.reset();
        auto server = XorgServer::adopt_or_start({options_.state_directory, options_.xorg_program});
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
    endpoint_ = {options_.display, std::nullopt, 0};
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
        (void)outputs_->clear_all();
    }
    outputs_.reset();
    if (own_) {
        own_->stop();
        own_.reset();
    }
}

}  // namespace pf::hostproc
