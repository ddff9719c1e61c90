#include "process_facts.hpp"

#include <windows.h>
#include <winternl.h>

#include <algorithm>
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

// Handle values are indices into one table: when its free entries are used up, the highest value
// tells how many there are in all.
std::uint32_t count_handles() {
    std::array<HANDLE, 512> probes{};
    for (HANDLE& probe : probes) {
        probe = CreateEventW(nullptr, FALSE, FALSE, nullptr);
    }
    std::uintptr_t highest = 0;
    std::size_t made = 0;
    for (const HANDLE probe : probes) {
        if (probe != nullptr) {
            ++made;
            highest = std::max(highest, reinterpret_cast<std::uintptr_t>(probe));
            CloseHandle(probe);
        }
    }
    return made < probes.size() ? 0 : static_cast<std::uint32_t>(highest / 4 - made);
}

void end_process(std::uint32_t exit_code) {
    TerminateProcess(GetCurrentProcess(), exit_code);
    std::abort();  // not reached
}

}  // namespace pf::driver
