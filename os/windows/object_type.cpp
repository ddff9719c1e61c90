#include "object_type.hpp"

#include <winternl.h>

#include <cstddef>
#include <cwchar>
#include <string_view>

#include "native_handle.hpp"

namespace pf::os {

namespace {

// NtQueryObject's ObjectTypeInformation (documented in winternl.h): the name comes first, and its
// text lies behind the rest.
struct TypeRoom {
    UNICODE_STRING name;
    std::byte rest[512];
};
constexpr auto kTypeInformation = static_cast<OBJECT_INFORMATION_CLASS>(2);

using QueryObject = NTSTATUS(NTAPI*)(HANDLE, OBJECT_INFORMATION_CLASS, PVOID, ULONG, PULONG);

QueryObject query_object() {
    static const auto found = reinterpret_cast<QueryObject>(reinterpret_cast<void*>(
        ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "NtQueryObject")));
    return found;
}

}  // namespace

bool is_object_of_type(const Handle& handle, const wchar_t* type) {
    TypeRoom room{};
    if (query_object() == nullptr ||
        query_object()(handle_of(handle), kTypeInformation, &room, sizeof room, nullptr) < 0) {
        return false;
    }
    return std::wstring_view(room.name.Buffer, room.name.Length / sizeof(wchar_t)) == type;
}

}  // namespace pf::os
