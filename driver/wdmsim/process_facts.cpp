#include "process_facts.hpp"

#include <windows.h>
#include <winternl.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace pf::driver {
namespace {

wdmsim::ObjectKind kind_of(HANDLE handle) {
    alignas(8) std::array<std::byte, 1024> buffer;
    ULONG size = 0;
    if (!NT_SUCCESS(
            NtQueryObject(handle, ObjectTypeInformation, buffer.data(), buffer.size(), &size))) {
        return wdmsim::kOtherObject;
    }
    const auto& name = *reinterpret_cast<const UNICODE_STRING*>(buffer.data());
    const std::wstring_view type(name.Buffer, name.Length / sizeof(wchar_t));
    return type == L"Section" ? wdmsim::kSection
           : type == L"Event" ? wdmsim::kEvent
                              : wdmsim::kOtherObject;
}

// Of PUBLIC_OBJECT_BASIC_INFORMATION, winternl.h.
std::uint32_t access_of(HANDLE handle) {
    PUBLIC_OBJECT_BASIC_INFORMATION facts{};
    const NTSTATUS status =
        NtQueryObject(handle, ObjectBasicInformation, &facts, sizeof facts, nullptr);
    return NT_SUCCESS(status) ? static_cast<std::uint32_t>(facts.GrantedAccess) : 0;
}

}  // namespace

wdmsim::HandleFacts describe_handle(std::uint64_t value) {
    // A handle is a multiple of 4 that fits in 32 bits; what is larger means this process or
    // thread.
    DWORD flags = 0;
    const auto handle = reinterpret_cast<HANDLE>(value);
    if (value == 0 || value > 0x7FFF'FFFC || value % 4 != 0 ||
        !GetHandleInformation(handle, &flags)) {
        return {};
    }
    return {1, access_of(handle), kind_of(handle)};
}

void end_process(std::uint32_t exit_code) {
    TerminateProcess(GetCurrentProcess(), exit_code);
    std::abort();  // not reached
}

}  // namespace pf::driver
