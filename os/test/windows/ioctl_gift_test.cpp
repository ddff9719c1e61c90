#include "ioctl_gift.hpp"

#include <gtest/gtest.h>

#include <set>

#include <pf/os/program.hpp>

#include "fault_count.hpp"
#include "native_handle.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

test::FaultCount faults;

BOOL WINAPI duplicate(HANDLE from, HANDLE source, HANDLE to, LPHANDLE target, DWORD access,
                      BOOL inherit, DWORD options) {
    return !faults.fails() && ::DuplicateHandle(from, source, to, target, access, inherit, options);
}

DeviceCalls counted() {
    DeviceCalls calls;
    calls.duplicate_handle = duplicate;
    return calls;
}

HANDLE as_handle(std::uint64_t value) {
    return reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(value));
}

// The process that handles are given to. It never comes to run.
class Target {
public:
    Target() {
        STARTUPINFOW startup{};
        startup.cb = sizeof startup;
        std::wstring program = widen(executable_path().value());
        PROCESS_INFORMATION started{};
        EXPECT_TRUE(::CreateProcessW(program.c_str(), nullptr, nullptr, nullptr, FALSE,
                                     CREATE_SUSPENDED, nullptr, nullptr, &startup, &started));
        owner_ = adopt_handle(started.hProcess);
        (void)adopt_handle(started.hThread);
        process_ = Process::open(started.dwProcessId, ProcessUse::give_handles).value();
    }
    ~Target() { end(); }
    void end() {
        ::TerminateProcess(handle_of(owner_), 0);
        ::WaitForSingleObject(handle_of(owner_), INFINITE);
    }
    const Process& process() const { return process_; }
    Handle take(std::uint64_t value) const {
        HANDLE ours = nullptr;
        (void)::DuplicateHandle(handle_of(process_.handle()), as_handle(value),
                                ::GetCurrentProcess(), &ours, 0, FALSE, DUPLICATE_SAME_ACCESS);
        return adopt_handle(ours);
    }
    // Those of the small values that the system gives.
    std::set<std::uint64_t> open_handles() const {
        std::set<std::uint64_t> all;
        for (std::uint64_t value = 4; value < 2048; value += 4) {
            if (take(value)) {
                all.insert(value);
            }
        }
        return all;
    }

private:
    Handle owner_;
    Process process_;
};

class IoctlGift : public testing::Test {
protected:
    IoctlGift() { faults.arm(0, 0); }
    const Process& process() const { return target_.process(); }
    std::set<std::uint64_t> open_handles() const { return target_.open_handles(); }
    Target target_;
    const Event event_ = Event::create().value();
    const Region region_ = Region::create(4096, "gift").value();
    const std::vector<Gift> gifts_ = {region_, event_, region_, region_};
};

TEST_F(IoctlGift, GivesTheLeastRights) {
    const auto values = give_all_to(DeviceCalls{}, process(), gifts_);
    ASSERT_TRUE(values) << values.error().message();
    const Handle event = target_.take((*values)[1]);
    const Handle section = target_.take((*values)[0]);
    EXPECT_TRUE(::SetEvent(handle_of(event)));
    EXPECT_EQ(::WaitForSingleObject(handle_of(event), 0), DWORD(WAIT_FAILED));
    EXPECT_EQ(::WaitForSingleObject(handle_of(event_.handle()), 0), DWORD(WAIT_OBJECT_0));
    void* mapped = ::MapViewOfFile(handle_of(section), FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
    EXPECT_NE(mapped, nullptr);
    ::UnmapViewOfFile(mapped);
    EXPECT_EQ(::MapViewOfFile(handle_of(section), FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, 0),
              nullptr);
}

TEST_F(IoctlGift, TakesBackWhatItGave) {
    const auto before = open_handles();
    const auto values = give_all_to(DeviceCalls{}, process(), gifts_);
    ASSERT_TRUE(values);
    EXPECT_EQ(open_handles().size(), before.size() + gifts_.size());
    for (const std::uint64_t value : *values) {
        const auto closed = close_in(DeviceCalls{}, process(), value);
        EXPECT_TRUE(closed) << closed.error().message();
    }
    EXPECT_EQ(open_handles(), before);
    const auto again = close_in(DeviceCalls{}, process(), values->front());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reaction, Reaction::reject);
}

// Every call of a delivery, in turn: all or none.
TEST_F(IoctlGift, ACallThatFailsLeavesNothingBehind) {
    const auto before = open_handles();
    for (int nth = 1; nth <= static_cast<int>(gifts_.size()); ++nth) {
        faults.arm(nth, ERROR_NO_SYSTEM_RESOURCES);
        const auto values = give_all_to(counted(), process(), gifts_);
        ASSERT_FALSE(values) << nth;
        EXPECT_EQ(values.error().code, ERROR_NO_SYSTEM_RESOURCES);
        EXPECT_EQ(values.error().reaction, Reaction::retry);
        EXPECT_EQ(open_handles(), before) << nth;
    }
}

TEST_F(IoctlGift, AProcessThatHasEndedTakesNothing) {
    const auto values = give_all_to(DeviceCalls{}, process(), gifts_);
    ASSERT_TRUE(values);
    target_.end();
    EXPECT_EQ(give_all_to(DeviceCalls{}, process(), gifts_).error().reaction, Reaction::reopen);
    EXPECT_EQ(close_in(DeviceCalls{}, process(), values->front()).error().reaction,
              Reaction::reopen);
}

TEST_F(IoctlGift, AnEmptyHandleIsGivenToNobody) {
    const auto before = open_handles();
    const Event none;
    const std::vector<Gift> gifts = {region_, none};
    EXPECT_EQ(give_all_to(DeviceCalls{}, process(), gifts).error().reaction, Reaction::bug);
    EXPECT_EQ(open_handles(), before);
}

TEST_F(IoctlGift, ValuesThatNameNoHandleAreLeftAlone) {
    for (const std::uint64_t value : {std::uint64_t{0}, UINT64_MAX, UINT64_MAX - 1}) {
        EXPECT_EQ(close_in(DeviceCalls{}, process(), value).error().reaction, Reaction::bug);
    }
}

}  // namespace
}  // namespace pf::os
