#include "device/inquiry.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>

#include "want_of_memory.hpp"

namespace pf::host {

Answer ask_instance(const DeviceSystem& system, const os::Instance& instance,
                    const AskingTimes& times, const StopSignal* stop) {
    Answer answer{.report = {.instance = instance}, .connection = nullptr, .error = {}};
    InstanceReport& report = answer.report;
    const auto failed = [&](const os::Error& error) {
        report.reason = error.detail;
        report.error = error.code;
        answer.error = error;
    };
    auto channel = system.open(instance.name,
                               patience_until(system.clock->deadline_after(times.open_ns), stop));
    if (!channel) {
        failed(channel.error());
        report.wedged = channel.error().code == os::DeviceChannel::kWedged;
        return answer;
    }
    report.opened = true;
    auto connection = DriverConnection::establish(std::move(*channel), instance.name,
                                                  system.clock->deadline_after(times.handshake_ns),
                                                  stop, &report.protocol, *system.clock);
    if (!connection) {
        failed(connection.error());
        // Some systems open a device without asking its driver: then this is the first to hang.
        report.wedged = connection.error().code == os::DeviceChannel::kTimeout;
        report.reason = (report.wedged ? "wedged: " : "") + report.reason;
        return answer;
    }
    report.usable = true;
    report.watchdog_timeout_s = (*connection)->watchdog_timeout_s();
    answer.connection = std::move(*connection);
    return answer;
}

Inquiry::Inquiry(const DeviceSystem& system, std::vector<os::Instance> instances,
                 const AskingTimes& times, os::Flag over, os::Event news)
    : system_(system),
      instances_(std::move(instances)),
      times_(times),
      over_(std::move(over), nullptr),
      news_(std::move(news)),
      asked_(instances_.size()),
      answers_(instances_.size()) {}

os::Result<std::unique_ptr<Inquiry>> Inquiry::begin(const DeviceSystem& system,
                                                    std::vector<os::Instance> instances,
                                                    const AskingTimes& times) {
    auto over = os::Flag::create();
    auto news = os::Event::create();
    if (!over || !news) {
        return tl::unexpected(!over ? over.error() : news.error());
    }
    return std::unique_ptr<Inquiry>(
        new Inquiry(system, std::move(instances), times, std::move(*over), std::move(*news)));
}

Inquiry::~Inquiry() {
    over_.stop();
}

void Inquiry::ask(std::size_t index) {
    asked_[index] = true;
    const auto answered = [this, index](Answer answer) {
        {
            const std::lock_guard lock(mutex_);
            answers_[index] = std::move(answer);
        }
        news_.signal();
    };
    const auto body = [this, index, answered] {
        answered(ask_instance(system_, instances_[index], times_, &over_));
    };
    const auto failed = [this, index, answered](const os::Error& error) {
        answered({.report = {.instance = instances_[index], .reason = error.detail},
                  .connection = nullptr,
                  .error = error});
    };
    if (auto thread = os::GuardedThread::start("pf inquiry", body, failed)) {
        threads_.push_back(std::move(*thread));
    } else {
        body();
    }
}

std::optional<std::size_t> Inquiry::first_usable() const {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(answers_.begin(), answers_.end(), [](const auto& answer) {
        return answer && answer->connection != nullptr;
    });
    return found == answers_.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - answers_.begin()));
}

bool Inquiry::answered_before(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < index; ++i) {
        if (asked_[i] && !answers_[i]) {
            return false;
        }
    }
    return true;
}

bool Inquiry::wait_for_answer(std::int64_t deadline_ns, const StopSignal* stop) const {
    os::WaitItem items[] = {news_, stop == nullptr ? nullptr : &stop->flag(),
                            stop == nullptr ? nullptr : stop->cancel()};
    return os::wait(items, deadline_ns) && items[0].ready();
}

Answer Inquiry::take(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return std::move(*answers_[index]);
}

}  // namespace pf::host
