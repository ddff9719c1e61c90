#include "wdmsim_client.hpp"

#include <setupapi.h>

#include <algorithm>
#include <cstdio>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/version.hpp>

#include "wdmsim/fault_codes.hpp"

namespace pf::wdmsim {
namespace {

HANDLE native(const os::Handle& handle) {
    return reinterpret_cast<HANDLE>(handle.native());
}

os::Handle adopt(HANDLE handle) {
    return os::Handle::adopt(reinterpret_cast<os::Handle::Native>(handle));
}

// "\\?\root#display#0000#{guid}" is ROOT\DISPLAY\0000's.
std::string name_of(const std::wstring& path) {
    std::string name;
    for (std::size_t i = 4; i < path.size() && path[i] != L'{'; ++i) {
        const auto c = static_cast<char>(path[i]);
        name += c == '#' ? '\\' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return name.substr(0, name.size() - (name.ends_with('\\') ? 1 : 0));
}

// Empty: there is none any more.
std::wstring path_of(HDEVINFO devices, SP_DEVICE_INTERFACE_DATA& found) {
    DWORD needed = 0;
    SetupDiGetDeviceInterfaceDetailW(devices, &found, nullptr, 0, &needed, nullptr);
    std::vector<std::uint64_t> room(needed / 8 + 1);
    auto* detail = reinterpret_cast<SP_DEVICE_INTERFACE_DETAIL_DATA_W*>(room.data());
    detail->cbSize = sizeof *detail;
    if (needed < sizeof *detail ||
        !SetupDiGetDeviceInterfaceDetailW(devices, &found, detail, needed, nullptr, nullptr)) {
        return {};
    }
    return detail->DevicePath;
}

}  // namespace

std::vector<NodeInterface> list_interfaces() {
    const auto& guid = reinterpret_cast<const GUID&>(proto::kInterfaceGuid);
    std::vector<NodeInterface> interfaces;
    const HDEVINFO devices = SetupDiGetClassDevsW(&guid, nullptr, nullptr, DIGCF_DEVICEINTERFACE);
    SP_DEVICE_INTERFACE_DATA found{};
    found.cbSize = sizeof found;
    for (DWORD i = 0; SetupDiEnumDeviceInterfaces(devices, nullptr, &guid, i, &found); ++i) {
        if (const std::wstring path = path_of(devices, found); !path.empty()) {
            interfaces.push_back({name_of(path), path, (found.Flags & SPINT_ACTIVE) != 0});
        }
    }
    SetupDiDestroyDeviceInfoList(devices);
    return interfaces;
}

NodeFile NodeFile::open_for_tests(const std::string& node) {
    std::wstring path = L"\\\\.\\pf_wdmsim_";
    std::transform(node.begin(), node.end(), std::back_inserter(path),
                   [](char c) { return c == '\\' ? L'_' : static_cast<wchar_t>(c); });
    return open(path);
}

NodeFile NodeFile::open(const std::wstring& path) {
    NodeFile node;
    node.file_ = adopt(CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE,
                                   FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                                   FILE_FLAG_OVERLAPPED, nullptr));
    node.error_ = node.file_ ? 0 : GetLastError();
    return node;
}

NodeFile::Answer NodeFile::call(std::uint32_t code, std::span<const std::byte> input,
                                std::span<std::byte> output, DWORD deadline_ms) const {
    const os::Flag done = os::Flag::create().value();
    OVERLAPPED overlapped{};
    overlapped.hEvent = native(done.handle());
    auto* const in = const_cast<std::byte*>(input.data());  // only read
    DWORD bytes = 0;
    if (!DeviceIoControl(native(file_), code, in, static_cast<DWORD>(input.size()), output.data(),
                         static_cast<DWORD>(output.size()), &bytes, &overlapped) &&
        GetLastError() != ERROR_IO_PENDING) {
        return {GetLastError()};
    }
    os::WaitItem items[] = {done};
    const bool late = !os::wait(items, os::deadline_after(deadline_ms * os::kMillisecond));
    if (late) {
        CancelIoEx(native(file_), &overlapped);
    }
    const bool good = GetOverlappedResult(native(file_), &overlapped, &bytes, TRUE) != 0;
    if (good) {
        return {0, bytes};
    }
    const DWORD error = GetLastError();
    return {late && error == ERROR_OPERATION_ABORTED ? kDeadlinePassed : error};
}

// Handle values are multiples of 4 from a table without large gaps.
std::map<std::string, std::uint32_t> count_objects(const NodeFile& tests) {
    std::map<std::string, std::uint32_t> counts;
    const std::uint64_t open = tests.ask<HandleCount>(kCountHandles).value_or(HandleCount{}).open;
    for (std::uint64_t value = 4; value <= 4 * 4 * open; value += 4) {
        const auto facts =
            tests.ask<HandleFacts>(kDescribeHandle, std::as_bytes(std::span(&value, 1)));
        if (facts && facts->kind != kOtherObject) {
            char key[32];
            std::snprintf(key, sizeof key, "%s %#x", facts->kind == kSection ? "section" : "event",
                          static_cast<unsigned>(facts->granted));
            ++counts[key];
        }
    }
    return counts;
}

}  // namespace pf::wdmsim
