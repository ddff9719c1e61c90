#include "device_window.hpp"

// After windows.h.
#include <dbt.h>

#include <future>

#include "interface_guid.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "watch devices";
constexpr const wchar_t* kClass = L"pf-vdisplay device watch";

LRESULT CALLBACK on_message(HWND window, UINT message, WPARAM what, LPARAM detail) {
    if (message == WM_DEVICECHANGE) {
        const auto* changed =
            reinterpret_cast<const Event*>(::GetWindowLongPtrW(window, GWLP_USERDATA));
        if (changed != nullptr && (what == DBT_DEVICEARRIVAL || what == DBT_DEVICEREMOVECOMPLETE)) {
            changed->signal();
        }
        return TRUE;
    }
    if (message == WM_DESTROY) {
        ::PostQuitMessage(0);
        return 0;
    }
    return ::DefWindowProcW(window, message, what, detail);  // WM_CLOSE destroys it
}

Result<HWND> make_window(const Event& changed) {
    WNDCLASSEXW window_class{};
    window_class.cbSize = sizeof window_class;
    window_class.lpfnWndProc = on_message;
    window_class.hInstance = ::GetModuleHandleW(nullptr);
    window_class.lpszClassName = kClass;
    if (::RegisterClassExW(&window_class) == 0 && ::GetLastError() != ERROR_CLASS_ALREADY_EXISTS) {
        return fail_last(kOperation, "no class for the window");
    }
    const HWND window = ::CreateWindowExW(0, kClass, L"", 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr,
                                          window_class.hInstance, nullptr);
    if (window == nullptr) {
        return fail_last(kOperation, "no window for the messages");
    }
    ::SetWindowLongPtrW(window, GWLP_USERDATA, reinterpret_cast<LONG_PTR>(&changed));
    DEV_BROADCAST_DEVICEINTERFACE_W filter{};
    filter.dbcc_size = sizeof filter;
    filter.dbcc_devicetype = DBT_DEVTYP_DEVICEINTERFACE;
    filter.dbcc_classguid = interface_guid();
    if (::RegisterDeviceNotificationW(window, &filter, DEVICE_NOTIFY_WINDOW_HANDLE) == nullptr) {
        auto failed = fail_last(kOperation, "the system does not tell of devices");
        ::DestroyWindow(window);
        return failed;
    }
    return window;  // its registration ends with it
}

}  // namespace

Result<std::unique_ptr<DeviceWatch>> DeviceWindow::start() {
    auto changed = Event::create();
    if (!changed) {
        return tl::unexpected(changed.error());
    }
    std::unique_ptr<DeviceWindow> watch(new DeviceWindow(std::move(*changed)));
    std::promise<Result<HWND>> made;
    auto outcome = made.get_future();
    auto thread = GuardedThread::start(
        "pf devices",
        [&made, &event = watch->changed_] {
            auto window = make_window(event);
            const bool works = window.has_value();
            made.set_value(std::move(window));
            MSG message;
            while (works && ::GetMessageW(&message, nullptr, 0, 0) > 0) {
                ::DispatchMessageW(&message);
            }
        },
        [](const Error&) {});
    if (!thread) {
        return tl::unexpected(thread.error());
    }
    watch->thread_ = std::move(*thread);
    const auto window = outcome.get();
    if (!window) {
        return tl::unexpected(window.error());
    }
    watch->window_ = *window;
    return watch;
}

DeviceWindow::~DeviceWindow() {
    if (window_ != nullptr) {
        ::PostMessageW(window_, WM_CLOSE, 0, 0);
    }
    thread_.join();
}

}  // namespace pf::os
