#include "node_service.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include <pf/os/process.hpp>
#include <pf/os/test/open_handles.hpp>
#include <pf/proto/control.hpp>

#include "driver_log.hpp"
#include "node_settings.hpp"
#include "own_handles.hpp"
#include "pattern/pattern_source.hpp"
#include "process/runtime/adapter_number.hpp"
#include "process_facts.hpp"
#include "runtime_device.hpp"

namespace pf::driver {
namespace {

using Way = FaultDesk::Verdict::Way;

constexpr std::uint32_t kFaultExitCode = 1;

bool is_test_operation(std::uint32_t code) {
    return code >= wdmsim::kFirstTestOperation && code <= wdmsim::kLastTestOperation;
}

template <typename T>
std::optional<T> input_of(const CarriedRequest& request) {
    T value{};
    if (request.input.size() < sizeof value) {
        return std::nullopt;
    }
    std::memcpy(&value, request.input.data(), sizeof value);
    return value;
}

core::DriverConfig config_of(const NodeSettings& settings, const std::string& instance_id) {
    core::DriverConfig config;
    config.protocol_version = settings.protocol_version;
    config.process_id = os::current_pid();
    config.luid_low = adapter_number(instance_id);
    return config;
}

}  // namespace

os::Result<std::unique_ptr<NodeService>> NodeService::start(Carrier& carrier,
                                                            const std::string& instance_id) {
    const NodeSettings settings = read_node_settings(instance_id);
    set_up_log(settings.log_file);
    std::unique_ptr<NodeService> service(new NodeService(carrier, settings));
    auto device = RuntimeDevice::create(*service, config_of(settings, instance_id),
                                        std::make_unique<OwnHandles>(),
                                        std::make_unique<PatternSource>(settings.pattern));
    if (!device) {
        return tl::unexpected(std::move(device.error()));
    }
    auto control = ControlThread::start(std::move(*device));
    if (!control) {
        return tl::unexpected(std::move(control.error()));
    }
    service->control_ = std::move(*control);
    return service;
}

NodeService::NodeService(Carrier& carrier, const NodeSettings& settings)
    : carrier_(carrier), starts_hidden_(settings.hidden), hold_opens_(settings.hold_opens) {}

NodeService::~NodeService() = default;

void NodeService::file_created(FileNumber file, std::uint32_t pid) {
    if (hold_opens_) {
        held_.try_emplace(file);
    }
    pass(file, [file, pid](Device& device) { device.file_created(file, pid); });
}

void NodeService::file_closed(FileNumber file) {
    if (held_.erase(file) == 0) {
        control_->post([file](Device& device) { device.file_closed(file); });
    }
}

void NodeService::pass(FileNumber file, ControlThread::Task task) {
    if (const auto held = held_.find(file); held != held_.end()) {
        held->second.push_back(std::move(task));
    } else {
        control_->post(std::move(task));
    }
}

void NodeService::request(CarriedRequest&& request) {
    if (is_test_operation(request.code)) {
        test_operation(request);
        return;
    }
    const auto verdict = faults_.judge(request.number, request.code);
    switch (verdict.way) {
        case Way::refuse: carrier_.complete(request.number, verdict.status, {}); break;
        case Way::swallow: break;
        case Way::die: end_process(kFaultExitCode);
        case Way::serve: serve(std::move(request)); break;
    }
}

void NodeService::serve(CarriedRequest&& request) {
    const FileNumber file = request.file;
    pass(file, [shared = std::make_shared<CarriedRequest>(std::move(request))](Device& device) {
        device.request(std::move(*shared));
    });
}

void NodeService::complete(RequestNumber number, std::uint32_t status,
                           std::span<const std::byte> output) noexcept {
    std::array<std::byte, sizeof(proto::AddReply)> reply{};  // the largest of all
    const std::size_t bytes = std::min(output.size(), reply.size());
    std::copy_n(output.begin(), bytes, reply.begin());
    const auto altered = std::span(reply).first(bytes);
    const auto given = faults_.alter(number, altered);
    if (given.die) {
        end_process(kFaultExitCode);
    }
    carrier_.complete(number, status, altered.first(given.bytes));
}

void NodeService::test_operation(const CarriedRequest& request) {
    const auto done = [&](std::uint32_t status, std::span<const std::byte> output = {}) {
        carrier_.complete(request.number, status, output);
    };
    if (request.code == wdmsim::kCountHandles) {
        const wdmsim::HandleCount count{static_cast<std::uint32_t>(os::test::open_handles())};
        done(proto::kStatusSuccess, std::as_bytes(std::span(&count, 1)));
    } else if (request.code == wdmsim::kDescribeHandle) {
        const auto facts = describe_handle(input_of<std::uint64_t>(request).value_or(0));
        done(proto::kStatusSuccess, std::as_bytes(std::span(&facts, 1)));
    } else if (request.code == wdmsim::kSetOperationFault) {
        const auto fault = input_of<wdmsim::OperationFault>(request);
        if (fault) {
            faults_.set(*fault);
        }
        done(fault ? proto::kStatusSuccess : proto::kStatusInvalidParameter);
    } else if (request.code == wdmsim::kClearFaults) {
        faults_.clear();
        set_hold_opens(false);
        control_->set_frozen(false);
        done(proto::kStatusSuccess);
    } else {
        const auto setting = input_of<wdmsim::Setting>(request);
        done(setting ? change_setting(request.code, setting->value)
                     : proto::kStatusInvalidParameter);
    }
}

std::uint32_t NodeService::change_setting(std::uint32_t code, std::uint32_t value) {
    switch (code) {
        case wdmsim::kSetReportedVersion: faults_.set_reported_version(value); break;
        case wdmsim::kSetFrozen: control_->set_frozen(value != 0); break;
        case wdmsim::kDie: end_process(value);
        case wdmsim::kSetHoldOpens: set_hold_opens(value != 0); break;
        case wdmsim::kSetInterface:
            return set_interface(value != 0) ? proto::kStatusSuccess : proto::kStatusNotFound;
        default: return proto::kStatusNotFound;
    }
    return proto::kStatusSuccess;
}

void NodeService::set_hold_opens(bool hold) {
    hold_opens_ = hold;
    if (hold) {
        return;
    }
    for (auto& [file, tasks] : std::exchange(held_, {})) {
        for (auto& task : tasks) {
            control_->post(std::move(task));
        }
    }
}

}  // namespace pf::driver
