#include "ioctl_gift.hpp"

#include <algorithm>

#include "native_codes.hpp"
#include "native_handle.hpp"

namespace pf::os {

namespace {

constexpr const char* kGive = "give handle";
constexpr const char* kClose = "close given handle";

// Least rights: what the driver needs, and no right to pass more on.
DWORD access_of(Right right) {
    return right == Right::event_signal ? EVENT_MODIFY_STATE : SECTION_MAP_READ | SECTION_MAP_WRITE;
}

tl::unexpected<Error> fail_at(const char* operation, const Process& target, const char* what) {
    const DWORD code = ::GetLastError();
    if (!target.alive()) {
        return fail(operation, code, Reaction::reopen, "the driver's process has ended");
    }
    return fail(operation, code, reaction_of_native(code), what);
}

// Small values are what the system gives; the largest name the caller's own process and thread.
bool can_be_a_handle(std::uint64_t value) {
    return value != 0 && value <= INT32_MAX;
}

HANDLE as_handle(std::uint64_t value) {
    return reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(value));
}

// Since Windows 10.
bool same_object(const Handle& a, const Handle& b) {
    using Compare = BOOL(WINAPI*)(HANDLE, HANDLE);
    const HMODULE module = ::GetModuleHandleW(L"kernelbase.dll");
    const auto compare = reinterpret_cast<Compare>(reinterpret_cast<void*>(
        module != nullptr ? ::GetProcAddress(module, "CompareObjectHandles") : nullptr));
    return compare != nullptr && compare(handle_of(a), handle_of(b));
}

Handle take(const DeviceCalls& calls, const Process& target, std::uint64_t value, DWORD options) {
    HANDLE ours = nullptr;
    if (!calls.duplicate_handle(handle_of(target.handle()), as_handle(value), ::GetCurrentProcess(),
                                &ours, 0, FALSE, DUPLICATE_SAME_ACCESS | options)) {
        return {};
    }
    return adopt_handle(ours);
}

Result<std::uint64_t> give_to(const DeviceCalls& calls, const Process& target, const Gift& gift) {
    HANDLE theirs = nullptr;
    if (!calls.duplicate_handle(::GetCurrentProcess(), handle_of(gift.handle()),
                                handle_of(target.handle()), &theirs, access_of(gift.right()), FALSE,
                                0)) {
        return fail_at(kGive, target, "the driver's process does not take it");
    }
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(theirs));
}

}  // namespace

Result<std::vector<std::uint64_t>> give_all_to(const DeviceCalls& calls, const Process& target,
                                               std::span<const Gift> gifts) {
    if (!std::all_of(gifts.begin(), gifts.end(), [](const Gift& g) { return bool(g.handle()); })) {
        return fail(kGive, 0, Reaction::bug, "the handle is empty");
    }
    std::vector<std::uint64_t> values;
    values.reserve(gifts.size());
    for (const Gift& gift : gifts) {
        const auto value = give_to(calls, target, gift);
        if (!value) {
            for (const std::uint64_t given : values) {
                (void)close_in(calls, target, given);
            }
            return tl::unexpected(value.error());
        }
        values.push_back(*value);
    }
    return values;
}

// With our process as the target: the form without one closes nothing under Wine, and this one
// works on both. There it also succeeds where nothing is open, so that is looked at first.
Result<void> close_in(const DeviceCalls& calls, const Process& target, std::uint64_t value) {
    if (!can_be_a_handle(value)) {
        return fail(kClose, 0, Reaction::bug, "no handle has the value " + std::to_string(value));
    }
    const Handle named = take(calls, target, value, 0);
    if (!named) {
        if (::GetLastError() == ERROR_INVALID_HANDLE && target.alive()) {
            return fail(kClose, ERROR_INVALID_HANDLE, Reaction::reject,
                        "the driver does not know the value " + std::to_string(value));
        }
        return fail_at(kClose, target, "it cannot be looked at in the driver's process");
    }
    if (!take(calls, target, value, DUPLICATE_CLOSE_SOURCE)) {
        return fail_at(kClose, target, "it cannot be taken back from the driver's process");
    }
    // The driver may have opened something else under the same value by now.
    const Handle still_there = take(calls, target, value, 0);
    if (still_there && same_object(named, still_there)) {
        return fail(kClose, 0, Reaction::retry, "the value is still open in the driver's process");
    }
    return {};
}

}  // namespace pf::os
