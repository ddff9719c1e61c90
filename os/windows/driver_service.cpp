#include "driver_service.hpp"

#include "owned_by_call.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

using Service = OwnedByCall<SC_HANDLE, decltype(&::CloseServiceHandle)>;

// Empty, with the last error set: it cannot be had.
Service open_service(const InstallCalls& calls, const std::wstring& name, DWORD access) {
    const Service manager(calls.open_services(nullptr, nullptr, SC_MANAGER_CONNECT), nullptr,
                          calls.close_service);
    const SC_HANDLE opened =
        manager ? calls.open_service(manager.get(), name.c_str(), access) : nullptr;
    return {opened, nullptr, calls.close_service};
}

}  // namespace

Result<void> start_driver_service(const InstallCalls& calls, const std::wstring& name) {
    const Service service = open_service(calls, name, SERVICE_START);
    if (service && calls.start_service(service.get(), 0, nullptr)) {
        return {};
    }
    return ::GetLastError() == ERROR_SERVICE_ALREADY_RUNNING
               ? fail("start service", 0, Reaction::fallback, narrow(name) + " runs already")
               : fail_last("start service", narrow(name));
}

Result<bool> remove_driver_service(const InstallCalls& calls, const std::wstring& name) {
    const Service service = open_service(calls, name, SERVICE_STOP | DELETE);
    if (!service) {
        return ::GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST
                   ? Result<bool>(false)
                   : fail_last("open service", narrow(name));
    }
    SERVICE_STATUS status{};
    if (!calls.control_service(service.get(), SERVICE_CONTROL_STOP, &status) &&
        ::GetLastError() != ERROR_SERVICE_NOT_ACTIVE) {
        return fail_last("stop service", narrow(name));
    }
    if (!calls.delete_service(service.get())) {
        return fail_last("remove service", narrow(name));
    }
    return true;
}

}  // namespace pf::os
