#include "own_handles.hpp"

#include <gtest/gtest.h>

#include <windows.h>

#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>

#include "process_facts.hpp"

namespace pf::driver {
namespace {

constexpr core::Owner kAnybody = 1;

std::uint64_t value_of(os::Handle handle) {
    return static_cast<std::uint64_t>(handle.release());
}

TEST(OwnHandles, KnowsWhatCanBePartOfADelivery) {
    const OwnHandles handles;
    const auto event = os::Event::create().value();
    const auto memory = os::Region::create(4096, "test").value();
    EXPECT_TRUE(handles.knows(kAnybody, static_cast<std::uint64_t>(event.handle().native())));
    EXPECT_TRUE(handles.knows(kAnybody, static_cast<std::uint64_t>(memory.handle().native())));
}

TEST(OwnHandles, KnowsNothingElse) {
    const OwnHandles handles;
    const auto thread =
        reinterpret_cast<std::uint64_t>(OpenThread(SYNCHRONIZE, FALSE, GetCurrentThreadId()));
    ASSERT_NE(thread, 0U);
    const std::uint64_t values[] = {thread,
                                    0,
                                    0x12344,
                                    static_cast<std::uint64_t>(-1),  // this process
                                    static_cast<std::uint64_t>(-2),  // this thread
                                    UINT64_MAX / 2};
    for (const std::uint64_t value : values) {
        EXPECT_FALSE(handles.knows(kAnybody, value)) << value;
        EXPECT_FALSE(OwnHandles().take(kAnybody, value)) << value;
    }
    EXPECT_TRUE(CloseHandle(reinterpret_cast<HANDLE>(thread)));
}

TEST(OwnHandles, WhatIsTakenIsClosedByItsOwner) {
    OwnHandles handles;
    const std::uint64_t value = value_of(*os::Event::create().value().handle().duplicate());
    {
        const os::Handle taken = handles.take(kAnybody, value);
        EXPECT_TRUE(taken);
        EXPECT_TRUE(describe_handle(value).exists);
    }
    EXPECT_FALSE(describe_handle(value).exists);
}

TEST(OwnHandles, TellsWhatAHandleGrants) {
    const auto memory = os::Region::create(4096, "test").value();
    HANDLE narrow = nullptr;
    ASSERT_TRUE(DuplicateHandle(GetCurrentProcess(),
                                reinterpret_cast<HANDLE>(memory.handle().native()),
                                GetCurrentProcess(), &narrow, SECTION_MAP_READ, FALSE, 0));
    const auto facts = describe_handle(reinterpret_cast<std::uint64_t>(narrow));
    EXPECT_EQ(facts.granted, static_cast<std::uint32_t>(SECTION_MAP_READ));
    EXPECT_EQ(facts.kind, wdmsim::kSection);
    CloseHandle(narrow);
}

}  // namespace
}  // namespace pf::driver
