#include "device_walk.hpp"

namespace pf::os {
namespace {

constexpr DWORD kFirstBytes = 512;
constexpr DWORD kMostBytes = 1u << 16;

std::vector<std::wstring> split(std::wstring_view text) {
    std::vector<std::wstring> strings;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(L'\0'), text.size());
        if (end == 0) {
            break;
        }
        strings.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return strings;
}

}  // namespace

Result<std::vector<std::wstring>> string_property(const InstallCalls& calls, DeviceInList& device,
                                                  DWORD property) {
    std::wstring text;
    for (DWORD bytes = kFirstBytes; bytes <= kMostBytes; bytes *= 2) {
        text.assign(bytes / sizeof(wchar_t), L'\0');
        DWORD needed = 0;
        if (calls.setup.get_property(device.list.get(), &device.data, property, nullptr,
                                     reinterpret_cast<BYTE*>(text.data()), bytes, &needed)) {
            return split(text);
        }
        if (::GetLastError() == ERROR_INVALID_DATA) {  // it is not set
            return std::vector<std::wstring>();
        }
        if (::GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
            break;
        }
    }
    return fail_last("read device property", "number " + std::to_string(property));
}

Result<std::wstring> instance_id(const InstallCalls& calls, DeviceInList& device) {
    wchar_t id[MAX_DEVICE_ID_LEN + 1] = {};
    if (!calls.setup.get_instance_id(device.list.get(), &device.data, id, MAX_DEVICE_ID_LEN,
                                     nullptr)) {
        return fail_last("read device id", "a device of the class");
    }
    return std::wstring(id);
}

bool same_text(std::wstring_view a, std::wstring_view b) {
    return ::CompareStringOrdinal(a.data(), static_cast<int>(a.size()), b.data(),
                                  static_cast<int>(b.size()), TRUE) == CSTR_EQUAL;
}

}  // namespace pf::os
