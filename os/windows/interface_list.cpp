#include "interface_list.hpp"

#include <algorithm>
#include <cstring>

#include "device_info_list.hpp"
#include "device_path.hpp"
#include "interface_guid.hpp"
#include "wide_text.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "list device interfaces";

// The path, and the device that it belongs to.
Result<std::string> read_detail(const SetupCalls& calls, HDEVINFO list,
                                SP_DEVICE_INTERFACE_DATA& interface, SP_DEVINFO_DATA& device) {
    DWORD bytes = 0;
    if (calls.get_interface_detail(list, &interface, nullptr, 0, &bytes, nullptr)) {
        return fail(kOperation, 0, Reaction::bug, "a path without a length");
    }
    if (::GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
        return fail_last(kOperation, "the system does not tell the length of a path");
    }
    if (bytes < sizeof(SP_DEVICE_INTERFACE_DETAIL_DATA_W)) {
        return fail(kOperation, 0, Reaction::reject,
                    "the system tells a length of a path that cannot be");
    }
    // Aligned as the header in it has to be; a zero behind it in any case.
    std::vector<std::uint64_t> buffer(bytes / sizeof(std::uint64_t) + 2);
    auto* detail = reinterpret_cast<SP_DEVICE_INTERFACE_DETAIL_DATA_W*>(buffer.data());
    detail->cbSize = sizeof *detail;
    if (!calls.get_interface_detail(list, &interface, detail, bytes, nullptr, &device)) {
        return fail_last(kOperation, "the system does not tell a path");
    }
    return narrow(detail->DevicePath);
}

// Wine says success and tells nothing.
std::optional<NodeStatus> read_node(const SetupCalls& calls, DEVINST device) {
    constexpr ULONG kUntold = ~ULONG{0};
    ULONG flags = kUntold;
    ULONG problem = 0;
    switch (calls.get_node_status(&flags, &problem, device, 0)) {
        case CR_SUCCESS:
            if (flags == kUntold) {
                return std::nullopt;
            }
            return NodeStatus{true, (flags & DN_HAS_PROBLEM) != 0 ? std::uint32_t(problem) : 0};
        case CR_NO_SUCH_DEVNODE:  // also called CR_NO_SUCH_DEVINST
        case CR_NO_SUCH_VALUE: return NodeStatus{false, 0};
        default: return std::nullopt;
    }
}

bool has_driver(const SetupCalls& calls, HDEVINFO list, SP_DEVINFO_DATA& device) {
    return calls.get_property(list, &device, SPDRP_DRIVER, nullptr, nullptr, 0, nullptr) ||
           ::GetLastError() == ERROR_INSUFFICIENT_BUFFER;
}

Result<std::vector<DeviceInterface>> list_with(const SetupCalls& calls, DWORD flags) {
    const GUID guid = interface_guid();
    const DeviceInfoList list(
        calls, calls.get_class_devs(&guid, nullptr, nullptr, DIGCF_DEVICEINTERFACE | flags));
    if (!list) {
        return fail_last(kOperation, "the system does not list them");
    }
    std::vector<DeviceInterface> all;
    for (DWORD index = 0;; ++index) {
        SP_DEVICE_INTERFACE_DATA interface {};
        interface.cbSize = sizeof interface;
        if (!calls.enum_interfaces(list.get(), nullptr, &guid, index, &interface)) {
            break;
        }
        SP_DEVINFO_DATA device{};
        device.cbSize = sizeof device;
        auto path = read_detail(calls, list.get(), interface, device);
        if (!path) {
            return tl::unexpected(path.error());
        }
        all.push_back({.path = std::move(*path),
                       .active = (interface.Flags & SPINT_ACTIVE) != 0,
                       .present = (flags & DIGCF_PRESENT) != 0,
                       .has_driver = has_driver(calls, list.get(), device),
                       .node = read_node(calls, device.DevInst)});
    }
    if (::GetLastError() != ERROR_NO_MORE_ITEMS) {
        return fail_last(kOperation, "the system does not list all of them");
    }
    return all;
}

std::string problem_text(std::uint32_t problem) {
    const std::string code = "the device has problem code " + std::to_string(problem);
    switch (problem) {
        case CM_PROB_FAILED_START: return code + ": it failed to start";
        case CM_PROB_NEED_RESTART: return code + ": restart the machine";
        case CM_PROB_REINSTALL:
        case CM_PROB_FAILED_INSTALL: return code + ": no driver is installed for it";
        case CM_PROB_DISABLED: return code + ": it is disabled; enable it";
        case CM_PROB_FAILED_ADD: return code + ": its driver cannot be loaded";
        case CM_PROB_FAILED_POST_START: return code + ": its driver has stopped it";
        case CM_PROB_UNSIGNED_DRIVER: return code + ": its driver is not signed as it has to be";
        default: return code;
    }
}

}  // namespace

Result<std::vector<DeviceInterface>> list_interfaces(const SetupCalls& calls) {
    auto all = list_with(calls, 0);
    if (!all) {
        return all;
    }
    const auto present = list_with(calls, DIGCF_PRESENT);
    if (!present) {
        return present;
    }
    for (const DeviceInterface& there : *present) {
        const auto known = std::find_if(all->begin(), all->end(), [&there](const auto& found) {
            return found.path == there.path;
        });
        if (known != all->end()) {
            *known = there;
        } else {  // it came between the two looks
            all->push_back(there);
        }
    }
    return all;
}

Instance judge_interface(std::string name, const DeviceInterface& found) {
    Instance instance{.name = std::move(name), .reason = {}};
    // Where the system tells nothing of the device, one without a driver is taken for a phantom.
    const bool there = found.present || (found.node ? found.node->present : found.has_driver);
    if (found.active) {
        instance.state = InstanceState::active;
    } else if (found.node && found.node->present && found.node->problem != 0) {
        instance.state = InstanceState::failed;
        instance.reason = problem_text(found.node->problem);
    } else if (there) {
        instance.state = InstanceState::stopped;
        instance.reason =
            "its interface is not active: the device is disabled, or its driver does not serve it";
    } else {
        instance.state = InstanceState::stale;
        instance.reason = "phantom: left of a device that is not there any more; it can be removed";
    }
    return instance;
}

Result<std::vector<NamedInterface>> list_named_interfaces(const SetupCalls& calls) {
    const auto found = list_interfaces(calls);
    if (!found) {
        return tl::unexpected(found.error());
    }
    std::vector<std::string> paths;
    for (const DeviceInterface& interface : *found) {
        paths.push_back(interface.path);
    }
    const std::vector<std::string> names = name_device_paths(paths);
    std::vector<NamedInterface> named;
    for (std::size_t i = 0; i < names.size(); ++i) {
        named.push_back({judge_interface(names[i], (*found)[i]), paths[i]});
    }
    std::sort(named.begin(), named.end(),
              [](const auto& a, const auto& b) { return a.instance.name < b.instance.name; });
    return named;
}

Result<std::vector<Instance>> list_instances() {
    const auto named = list_named_interfaces(SetupCalls{});
    if (!named) {
        return tl::unexpected(named.error());
    }
    std::vector<Instance> all;
    for (const NamedInterface& one : *named) {
        all.push_back(one.instance);
    }
    return all;
}

}  // namespace pf::os
