// Sections and events as another process gets them: no right beyond what the handle carries.
#include <windows.h>

#include <gtest/gtest.h>

#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>

#include "native_handle.hpp"

namespace pf::os {
namespace {

Handle duplicate(const Handle& handle, DWORD access) {
    HANDLE copy = nullptr;
    const HANDLE self = ::GetCurrentProcess();
    ::DuplicateHandle(self, handle_of(handle), self, &copy, access, FALSE, 0);
    return adopt_handle(copy);
}

constexpr DWORD kSectionReadWrite = 0x6;  // SECTION_MAP_READ | SECTION_MAP_WRITE
constexpr DWORD kEventSignal = 0x2;       // EVENT_MODIFY_STATE
#ifndef EVENT_QUERY_STATE
constexpr DWORD EVENT_QUERY_STATE = 0x1;
#endif

TEST(WindowsMemory, WhatWasDeliveredIsTheSameMemory) {
    auto region = Region::create(10'000, "test");
    ASSERT_TRUE(region) << region.error().message();
    EXPECT_EQ(region->size(), 12'288u);
    auto adopted = Region::adopt(duplicate(region->handle(), kSectionReadWrite), 10'000);
    ASSERT_TRUE(adopted) << adopted.error().message();
    EXPECT_GE(adopted->size(), 10'000u);
    auto writable = WritableMapping::map(*adopted);
    auto readable = ReadOnlyMapping::map(*region);
    ASSERT_TRUE(writable && readable);
    writable->prefault();
    writable->bytes()[9'999] = std::byte{42};
    EXPECT_EQ(readable->bytes()[9'999], std::byte{42});
}

// What the owner of an object may do to its list of rights, nobody can take away; the driver runs
// in another account than the host.
TEST(WindowsMemory, TheHandleGivesNoMoreThanItsRights) {
    auto region = Region::create(4096, "test");
    const Handle lesser = duplicate(region->handle(), kSectionReadWrite);
    ASSERT_TRUE(lesser);
    EXPECT_FALSE(duplicate(lesser, SECTION_ALL_ACCESS));
    EXPECT_FALSE(duplicate(lesser, SECTION_MAP_EXECUTE));

    auto event = Event::create();
    const Handle signal = duplicate(event->handle(), kEventSignal);
    ASSERT_TRUE(signal);
    EXPECT_FALSE(duplicate(signal, EVENT_ALL_ACCESS));
    EXPECT_FALSE(duplicate(signal, EVENT_MODIFY_STATE | EVENT_QUERY_STATE));
    EXPECT_EQ(::WaitForSingleObject(handle_of(signal), 0), WAIT_FAILED);
    EXPECT_NE(::SetEvent(handle_of(signal)), 0);
}

TEST(WindowsMemory, OnlyASectionThatIsLargeEnoughIsAdopted) {
    auto region = Region::create(4096, "test");
    auto event = Event::create();
    EXPECT_FALSE(Region::adopt(duplicate(region->handle(), kSectionReadWrite), 8192));
    EXPECT_FALSE(Region::adopt(duplicate(event->handle(), kEventSignal), 1));
    EXPECT_FALSE(Region::adopt(Handle(), 1));
    EXPECT_FALSE(Event::adopt(duplicate(region->handle(), kSectionReadWrite)));
    EXPECT_TRUE(Event::adopt(duplicate(event->handle(), kEventSignal)));
}

// A page of it that is not committed faults whoever touches it.
TEST(WindowsMemory, ReservedMemoryIsNotAdopted) {
    Handle reserved = adopt_handle(::CreateFileMappingW(
        INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE | SEC_RESERVE, 0, 1 << 20, nullptr));
    ASSERT_TRUE(reserved);
    EXPECT_FALSE(Region::adopt(std::move(reserved), 4096));
}

TEST(WindowsMemory, AFileIsNotAdopted) {
    wchar_t directory[MAX_PATH];
    wchar_t path[MAX_PATH];
    ::GetTempPathW(MAX_PATH, directory);
    ASSERT_NE(::GetTempFileNameW(directory, L"pf", 0, path), 0u);
    Handle file = adopt_handle(::CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                             OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE, nullptr));
    ASSERT_TRUE(file);
    Handle section = adopt_handle(
        ::CreateFileMappingW(handle_of(file), nullptr, PAGE_READWRITE, 0, 65536, nullptr));
    ASSERT_TRUE(section);
    EXPECT_FALSE(Region::adopt(std::move(section), 4096));
}

TEST(WindowsHandle, NeitherNullNorInvalidIsAHandle) {
    EXPECT_FALSE(Handle::adopt(0));
    EXPECT_FALSE(adopt_handle(INVALID_HANDLE_VALUE));
    auto event = Event::create();
    EXPECT_TRUE(event->handle().duplicate());
    EXPECT_FALSE(Handle().duplicate());
}

}  // namespace
}  // namespace pf::os
