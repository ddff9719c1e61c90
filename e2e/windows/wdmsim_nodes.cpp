#include "wdmsim_nodes.hpp"

#include <windows.h>

#include <newdev.h>
#include <setupapi.h>

#include <stdexcept>
#include <string_view>

#include <pf/proto/version.hpp>

namespace pf::wdmsim {
namespace {

constexpr GUID kDisplayClass = {
    0x4d36e968, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};
constexpr wchar_t kHardwareId[] = L"Root\\pf_vdisplay\0";  // a list of one
constexpr wchar_t kService[] = L"pf_wdmsim";

void require(bool done, const char* what) {
    if (!done) {
        throw std::runtime_error(std::string(what) + ": " + std::to_string(GetLastError()));
    }
}

class DeviceList {
public:
    explicit DeviceList(HDEVINFO list) : list_(list) {
        require(list != INVALID_HANDLE_VALUE, "make a list of devices");
    }
    ~DeviceList() { SetupDiDestroyDeviceInfoList(list_); }
    DeviceList(const DeviceList&) = delete;
    DeviceList& operator=(const DeviceList&) = delete;
    HDEVINFO get() const { return list_; }

private:
    HDEVINFO list_;
};

SP_DEVINFO_DATA make_node(const DeviceList& list) {
    SP_DEVINFO_DATA node{};
    node.cbSize = sizeof node;
    require(SetupDiCreateDeviceInfoW(list.get(), L"Display", &kDisplayClass, nullptr, nullptr,
                                     DICD_GENERATE_ID, &node),
            "make a node");
    require(SetupDiSetDeviceRegistryPropertyW(list.get(), &node, SPDRP_HARDWAREID,
                                              reinterpret_cast<const BYTE*>(kHardwareId),
                                              sizeof kHardwareId),
            "name the node's hardware");
    require(SetupDiCallClassInstaller(DIF_REGISTERDEVICE, list.get(), &node), "register the node");
    return node;
}

bool is_ours(const DeviceList& list, SP_DEVINFO_DATA& node) {
    wchar_t id[256] = {};
    return SetupDiGetDeviceRegistryPropertyW(list.get(), &node, SPDRP_HARDWAREID, nullptr,
                                             reinterpret_cast<BYTE*>(id), sizeof id - 4, nullptr) &&
           std::wstring_view(id) == kHardwareId;
}

// Calls `visit(list, node)` for every node of ours, present or not. Returns how many.
template <typename Visit>
std::uint32_t visit_ours(Visit visit) {
    const DeviceList list(SetupDiGetClassDevsW(&kDisplayClass, nullptr, nullptr, 0));
    std::uint32_t ours = 0;
    SP_DEVINFO_DATA node{};
    node.cbSize = sizeof node;
    for (DWORD i = 0; SetupDiEnumDeviceInfo(list.get(), i, &node); ++i) {
        if (is_ours(list, node)) {
            ++ours;
            visit(list, node);
        }
    }
    return ours;
}

std::uint32_t count_nodes() {
    return visit_ours([](const DeviceList&, SP_DEVINFO_DATA&) {});
}

class Service {
public:
    explicit Service(DWORD access)
        : manager_(OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT)),
          service_(OpenServiceW(manager_, kService, access)) {}
    ~Service() {
        if (service_ != nullptr) {
            CloseServiceHandle(service_);
        }
        CloseServiceHandle(manager_);
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    SC_HANDLE get() const { return service_; }

private:
    SC_HANDLE manager_;
    SC_HANDLE service_;
};

}  // namespace

std::uint32_t install(const std::string& inf, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        const DeviceList list(SetupDiCreateDeviceInfoList(&kDisplayClass, nullptr));
        make_node(list);
    }
    BOOL reboot = FALSE;
    require(
        UpdateDriverForPlugAndPlayDevicesA(nullptr, "Root\\pf_vdisplay", inf.c_str(), 0, &reboot),
        "give the nodes their driver");
    return count_nodes();
}

std::uint32_t make_phantom() {
    const auto& guid = reinterpret_cast<const GUID&>(proto::kInterfaceGuid);
    const DeviceList list(SetupDiCreateDeviceInfoList(&kDisplayClass, nullptr));
    SP_DEVINFO_DATA node = make_node(list);
    require(SetupDiCreateDeviceInterfaceW(list.get(), &node, &guid, nullptr, 0, nullptr),
            "register an interface");
    return count_nodes();
}

std::uint32_t remove_all() {
    const std::uint32_t nodes = visit_ours([](const DeviceList& list, SP_DEVINFO_DATA& node) {
        require(SetupDiCallClassInstaller(DIF_REMOVE, list.get(), &node), "remove a node");
    });
    const Service service(SERVICE_STOP | DELETE);
    if (service.get() != nullptr) {
        SERVICE_STATUS status{};
        ControlService(service.get(), SERVICE_CONTROL_STOP, &status);
        require(DeleteService(service.get()), "delete the service");
    }
    return nodes;
}

bool start_service() {
    const Service service(SERVICE_START);
    require(service.get() != nullptr, "open the service");
    if (StartServiceW(service.get(), 0, nullptr)) {
        return true;
    }
    // The manager learns of a death a moment later, and says one or the other until then.
    const DWORD code = GetLastError();
    require(code == ERROR_SERVICE_ALREADY_RUNNING || code == ERROR_SERVICE_REQUEST_TIMEOUT,
            "start the service");
    return false;
}

}  // namespace pf::wdmsim
