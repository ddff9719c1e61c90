#include "interface_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "fault_count.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

using testing::HasSubstr;

struct FakeInterface {
    std::string path;
    bool active = false;
    bool present = false;
    CONFIGRET status = CR_SUCCESS;
    ULONG flags = 0;
    ULONG problem = 0;
    DWORD told_bytes = 0;  // 0: what its path takes
};

// The system's side. The calls are plain functions, so there is one at a time.
struct FakeSetup {
    std::vector<FakeInterface> interfaces;
    test::FaultCount faults;
    int lists_open = 0;
    std::vector<const FakeInterface*> listed[2];  // without and with DIGCF_PRESENT

    FakeSetup();
    ~FakeSetup();
    SetupCalls calls() const;
};
FakeSetup* setup = nullptr;

FakeSetup::FakeSetup() {
    setup = this;
}
FakeSetup::~FakeSetup() {
    setup = nullptr;
}

HDEVINFO WINAPI fake_get_class_devs(const GUID*, PCWSTR, HWND, DWORD flags) {
    EXPECT_TRUE((flags & DIGCF_DEVICEINTERFACE) != 0);
    if (setup->faults.fails()) {
        return INVALID_HANDLE_VALUE;
    }
    const bool present = (flags & DIGCF_PRESENT) != 0;
    auto& listed = setup->listed[present ? 1 : 0];
    listed.clear();
    for (const FakeInterface& one : setup->interfaces) {
        if (one.present || !present) {
            listed.push_back(&one);
        }
    }
    ++setup->lists_open;
    return &listed;
}

BOOL WINAPI fake_destroy(HDEVINFO) {
    --setup->lists_open;
    ::SetLastError(ERROR_INVALID_DATA);  // is not to hide why something failed
    return TRUE;
}

BOOL WINAPI fake_enum(HDEVINFO list, PSP_DEVINFO_DATA, const GUID*, DWORD index,
                      PSP_DEVICE_INTERFACE_DATA data) {
    EXPECT_EQ(data->cbSize, sizeof *data);
    if (setup->faults.fails()) {
        return FALSE;
    }
    const auto& listed = *static_cast<std::vector<const FakeInterface*>*>(list);
    if (index >= listed.size()) {
        ::SetLastError(ERROR_NO_MORE_ITEMS);
        return FALSE;
    }
    data->Flags = listed[index]->active ? SPINT_ACTIVE : 0;
    data->Reserved = reinterpret_cast<ULONG_PTR>(listed[index]);
    return TRUE;
}

BOOL WINAPI fake_detail(HDEVINFO, PSP_DEVICE_INTERFACE_DATA data,
                        PSP_DEVICE_INTERFACE_DETAIL_DATA_W detail, DWORD bytes, PDWORD needed,
                        PSP_DEVINFO_DATA device) {
    if (setup->faults.fails()) {
        return FALSE;
    }
    const auto& one = *reinterpret_cast<const FakeInterface*>(data->Reserved);
    const std::wstring wide = widen(one.path);
    const DWORD whole = static_cast<DWORD>(offsetof(SP_DEVICE_INTERFACE_DETAIL_DATA_W, DevicePath) +
                                           (wide.size() + 1) * sizeof(wchar_t));
    if (needed != nullptr) {
        *needed = one.told_bytes != 0 ? one.told_bytes : whole;
    }
    if (bytes < whole) {
        EXPECT_EQ(detail, nullptr);
        ::SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    EXPECT_EQ(detail->cbSize, sizeof *detail) << "of the struct, not of the buffer";
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(detail) % 8, 0u);
    std::memcpy(detail->DevicePath, wide.c_str(), (wide.size() + 1) * sizeof(wchar_t));
    device->DevInst = static_cast<DEVINST>(&one - setup->interfaces.data() + 1);
    return TRUE;
}

BOOL WINAPI fake_property(HDEVINFO, PSP_DEVINFO_DATA, DWORD, PDWORD, PBYTE, DWORD, PDWORD) {
    ::SetLastError(setup->faults.fails() ? ERROR_INVALID_DATA : ERROR_INSUFFICIENT_BUFFER);
    return FALSE;
}

CONFIGRET WINAPI fake_status(PULONG flags, PULONG problem, DEVINST device, ULONG) {
    const FakeInterface& one = setup->interfaces.at(device - 1);
    *flags = one.flags;
    *problem = one.problem;
    return one.status;
}

SetupCalls FakeSetup::calls() const {
    SetupCalls calls;
    calls.get_class_devs = fake_get_class_devs;
    calls.destroy_list = fake_destroy;
    calls.enum_interfaces = fake_enum;
    calls.get_interface_detail = fake_detail;
    calls.get_property = fake_property;
    calls.get_node_status = fake_status;
    return calls;
}

std::string path(int index) {
    return "\\\\?\\ROOT#DISPLAY#" + std::to_string(1000 + index) +
           "#{70667664-7044-5350-a1b2-c3d4e5f60001}";
}

TEST(InterfaceList, EveryInstanceIsListedAndJudged) {
    FakeSetup fake;
    fake.interfaces = {
        {.path = path(3), .active = true, .present = true},
        {.path = path(2), .present = true},
        {.path = path(1), .flags = DN_HAS_PROBLEM, .problem = CM_PROB_DISABLED},
        {.path = path(0), .status = CR_NO_SUCH_DEVNODE},
    };
    const auto all = list_named_interfaces(fake.calls());
    ASSERT_TRUE(all) << all.error().message();
    ASSERT_EQ(all->size(), 4u);
    const auto& phantom = (*all)[0].instance;
    EXPECT_EQ(phantom.name, "ROOT\\DISPLAY\\1000");
    EXPECT_EQ(phantom.state, InstanceState::stale);
    EXPECT_THAT(phantom.reason, HasSubstr("phantom"));
    EXPECT_EQ((*all)[1].instance.state, InstanceState::failed);
    EXPECT_THAT((*all)[1].instance.reason, HasSubstr("problem code 22: it is disabled"));
    EXPECT_EQ((*all)[2].instance.state, InstanceState::stopped);
    EXPECT_EQ((*all)[3].instance.state, InstanceState::active);
    EXPECT_EQ((*all)[3].path, path(3));
    EXPECT_EQ(fake.lists_open, 0);
}

TEST(InterfaceList, HasNoEnd) {
    FakeSetup fake;
    for (int i = 0; i < 300; ++i) {
        fake.interfaces.push_back({.path = path(i), .active = i == 299, .present = true});
    }
    const auto all = list_named_interfaces(fake.calls());
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 300u);
    EXPECT_EQ(all->back().instance.state, InstanceState::active);
}

// Every call of it, in turn.
TEST(InterfaceList, ACallThatFailsLeavesNoListBehind) {
    FakeSetup fake;
    fake.interfaces = {{.path = path(0), .active = true, .present = true}, {.path = path(1)}};
    fake.faults.arm(0, 0);
    ASSERT_TRUE(list_named_interfaces(fake.calls()));
    const int calls = fake.faults.calls();
    ASSERT_GT(calls, 10);
    int errors = 0;
    for (int nth = 1; nth <= calls; ++nth) {
        fake.faults.arm(nth, ERROR_NOT_ENOUGH_MEMORY);
        const auto all = list_named_interfaces(fake.calls());
        EXPECT_EQ(fake.lists_open, 0) << nth;
        if (!all) {
            ++errors;
            EXPECT_EQ(all.error().code, ERROR_NOT_ENOUGH_MEMORY) << nth;
            EXPECT_EQ(all.error().reaction, Reaction::retry) << nth;
        } else {
            EXPECT_EQ(all->size(), 2u) << nth << ": nothing is left out without a word";
        }
    }
    EXPECT_GE(errors, calls - 3) << "all but whether a driver is installed";
}

TEST(InterfaceList, ALengthThatCannotBeIsNotBelieved) {
    FakeSetup fake;
    fake.interfaces = {{.path = path(0), .told_bytes = 4}};
    const auto all = list_named_interfaces(fake.calls());
    ASSERT_FALSE(all);
    EXPECT_EQ(fake.lists_open, 0);
}

TEST(InterfaceList, WhereTheSystemTellsNothingTheDriverDoes) {
    const DeviceInterface with{.path = path(0), .has_driver = true};
    const DeviceInterface without{.path = path(0)};
    EXPECT_EQ(judge_interface("x", with).state, InstanceState::stopped);
    EXPECT_EQ(judge_interface("x", without).state, InstanceState::stale);
}

// The real calls: a device with an interface that no driver has ever made active.
TEST(InterfaceList, TheSystemsOwnListCanBeRead) {
    const auto all = list_instances();
    ASSERT_TRUE(all) << all.error().message();
}

}  // namespace
}  // namespace pf::os
