// The screens through Windows' calls, with calls in their place that count and fail: nothing here
// needs a screen.
#include "display_topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "input_desktop.hpp"

namespace pf::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kGpu = 0x1'0000'2222;

// The calls take no context, so there is one of these at a time.
struct FakeWindows {
    FakeWindows() { now = this; }
    ~FakeWindows() { now = nullptr; }

    DisplayConfig config;
    int sizes_short = 0;  // so many queries find that it has grown
    int fail_at = -1;     // the call that fails, from 0
    bool off_input_desktop = false;
    int calls = 0, size_calls = 0, query_calls = 0, open_desktops = 0;
    std::vector<UINT32> set_flags;
    DisplayConfig applied;
    HDESK desktop = kOwn;
    EXECUTION_STATE asked = 0;

    static inline FakeWindows* now = nullptr;
    static inline const HDESK kOwn = reinterpret_cast<HDESK>(0x10);
    static inline const HDESK kInput = reinterpret_cast<HDESK>(0x20);

    static bool fails() { return now->calls++ == now->fail_at; }

    static LONG WINAPI sizes(UINT32, UINT32* paths, UINT32* modes) {
        ++now->size_calls;
        *paths = static_cast<UINT32>(now->config.paths.size());
        *modes = static_cast<UINT32>(now->config.modes.size());
        return fails() ? ERROR_GEN_FAILURE : ERROR_SUCCESS;
    }
    static LONG WINAPI query(UINT32, UINT32* paths, DISPLAYCONFIG_PATH_INFO* to_paths,
                             UINT32* modes, DISPLAYCONFIG_MODE_INFO* to_modes,
                             DISPLAYCONFIG_TOPOLOGY_ID*) {
        ++now->query_calls;
        if (fails()) {
            return ERROR_GEN_FAILURE;
        }
        if (now->sizes_short-- > 0) {
            return ERROR_INSUFFICIENT_BUFFER;
        }
        EXPECT_EQ(*paths, now->config.paths.size());
        EXPECT_EQ(*modes, now->config.modes.size());
        std::copy(now->config.paths.begin(), now->config.paths.end(), to_paths);
        std::copy(now->config.modes.begin(), now->config.modes.end(), to_modes);
        return ERROR_SUCCESS;
    }
    static LONG WINAPI set(UINT32 paths, DISPLAYCONFIG_PATH_INFO* from_paths, UINT32 modes,
                           DISPLAYCONFIG_MODE_INFO* from_modes, UINT32 flags) {
        if (fails()) {
            return ERROR_GEN_FAILURE;
        }
        if (now->off_input_desktop && now->desktop != kInput) {
            return ERROR_ACCESS_DENIED;
        }
        now->set_flags.push_back(flags);
        now->applied = {{from_paths, from_paths + paths}, {from_modes, from_modes + modes}};
        return ERROR_SUCCESS;
    }
    static LONG WINAPI info(DISPLAYCONFIG_DEVICE_INFO_HEADER* header) {
        if (fails()) {
            return ERROR_GEN_FAILURE;
        }
        if (header->type == DISPLAYCONFIG_DEVICE_INFO_GET_SOURCE_NAME) {
            auto* name = reinterpret_cast<DISPLAYCONFIG_SOURCE_DEVICE_NAME*>(header);
            EXPECT_EQ(header->size, sizeof *name);
            std::wcscpy(name->viewGdiDeviceName, L"\\\\.\\DISPLAY5");
        } else {
            auto* name = reinterpret_cast<DISPLAYCONFIG_TARGET_DEVICE_NAME*>(header);
            EXPECT_EQ(header->size, sizeof *name);
            std::fill(std::begin(name->monitorDevicePath), std::end(name->monitorDevicePath), L'x');
        }
        return ERROR_SUCCESS;
    }
    static HDESK WINAPI thread_desktop(DWORD) { return fails() ? nullptr : now->desktop; }
    static BOOL WINAPI set_thread_desktop(HDESK desktop) {
        if (fails()) {
            return FALSE;
        }
        now->desktop = desktop;
        return TRUE;
    }
    static HDESK WINAPI open_input_desktop(DWORD, BOOL, ACCESS_MASK) {
        if (fails()) {
            return nullptr;
        }
        ++now->open_desktops;
        return kInput;
    }
    static BOOL WINAPI close_desktop(HDESK desktop) {
        EXPECT_NE(desktop, now->desktop) << "one that the thread is on cannot be closed";
        --now->open_desktops;
        return TRUE;
    }
    static EXECUTION_STATE WINAPI execution_state(EXECUTION_STATE state) {
        now->asked = state;
        return fails() ? 0 : ES_CONTINUOUS;
    }

    DisplayCalls table() const {
        return {sizes,
                query,
                set,
                info,
                thread_desktop,
                set_thread_desktop,
                open_input_desktop,
                close_desktop,
                execution_state};
    }
};

DisplayPath lit_path(std::uint32_t source, std::uint32_t target, std::int32_t x) {
    DisplayPath path;
    path.source = {kGpu, source};
    path.target = {kGpu, target};
    path.active = path.available = true;
    path.technology = 5;
    path.rotation = 1;
    path.scaling = 2;
    path.scan_order = 1;
    path.refresh = {60, 1};
    path.source_mode = {1920, 1080, 4, x, -7};
    path.timing = {.pixel_rate = 148'500'000,
                   .line_rate = {67'500, 1},
                   .frame_rate = {60, 1},
                   .active_width = 1920,
                   .active_height = 1080,
                   .total_width = 2200,
                   .total_height = 1125,
                   .video_standard = 255,
                   .scan_order = 1};
    return path;
}

TEST(DisplayConfig, PathsComeBackAsTheyWent) {
    const DisplayPaths paths = {lit_path(0, 100, 0), lit_path(1, 101, 1920)};
    const DisplayConfig config = make_config(paths);
    EXPECT_THAT(config.modes, SizeIs(4));
    EXPECT_EQ(read_config(config), paths);
}

TEST(DisplayConfig, PathsThatShareASourceShareItsMode) {
    const DisplayPaths paths = {lit_path(0, 100, 0), lit_path(0, 101, 0)};
    const DisplayConfig config = make_config(paths);
    EXPECT_THAT(config.modes, SizeIs(3));
    EXPECT_EQ(config.paths[0].sourceInfo.modeInfoIdx, config.paths[1].sourceInfo.modeInfoIdx);
    EXPECT_EQ(read_config(config), paths);
}

TEST(DisplayConfig, WithoutModesTheSystemChooses) {
    DisplayPath path = lit_path(0, 100, 0);
    path.source_mode.reset();
    path.timing.reset();
    path.rotation = path.scaling = 0;
    const DisplayConfig config = make_config({path});
    EXPECT_THAT(config.modes, IsEmpty());
    const DISPLAYCONFIG_PATH_INFO& made = config.paths.at(0);
    EXPECT_EQ(made.sourceInfo.modeInfoIdx, DISPLAYCONFIG_PATH_MODE_IDX_INVALID);
    EXPECT_EQ(made.targetInfo.modeInfoIdx, DISPLAYCONFIG_PATH_MODE_IDX_INVALID);
    EXPECT_EQ(made.targetInfo.refreshRate.Denominator, 0u);
    EXPECT_EQ(made.targetInfo.rotation, DISPLAYCONFIG_ROTATION_IDENTITY);
    EXPECT_EQ(made.targetInfo.scaling, DISPLAYCONFIG_SCALING_PREFERRED);
}

TEST(DisplayConfig, AnIndexThatPointsNowhereIsNoMode) {
    DisplayConfig config = make_config({lit_path(0, 100, 0)});
    std::swap(config.paths[0].sourceInfo.modeInfoIdx, config.paths[0].targetInfo.modeInfoIdx);
    EXPECT_FALSE(read_config(config)[0].source_mode);
    EXPECT_FALSE(read_config(config)[0].timing);
    config.paths[0].sourceInfo.modeInfoIdx = 2;
    EXPECT_FALSE(read_config(config)[0].source_mode);
}

TEST(WindowsDisplays, TellsThePathsWithTheirNames) {
    FakeWindows windows;
    windows.config = make_config({lit_path(0, 100, 0)});
    const auto paths = WindowsDisplays(windows.table()).query(DisplayScope::all);
    ASSERT_TRUE(paths) << paths.error().message();
    ASSERT_THAT(*paths, SizeIs(1));
    EXPECT_EQ(paths->front().name, "\\\\.\\DISPLAY5");
    EXPECT_EQ(paths->front().monitor, std::string(128, 'x'));  // not terminated
}

TEST(WindowsDisplays, NoPathsIsAnAnswerAndAFailedQueryIsNone) {
    FakeWindows windows;
    WindowsDisplays displays(windows.table());
    EXPECT_THAT(displays.query(DisplayScope::active).value(), IsEmpty());
    windows.fail_at = windows.calls;
    EXPECT_FALSE(displays.query(DisplayScope::active));
}

TEST(WindowsDisplays, AsksAgainWithFreshSizesWhileTheyGrow) {
    FakeWindows windows;
    windows.config = make_config({lit_path(0, 100, 0)});
    windows.sizes_short = 3;
    WindowsDisplays displays(windows.table());
    EXPECT_THAT(displays.query(DisplayScope::active).value(), SizeIs(1));
    EXPECT_EQ(windows.size_calls, 4);
    windows.sizes_short = 100;
    const auto paths = displays.query(DisplayScope::active);
    ASSERT_FALSE(paths);
    EXPECT_EQ(paths.error().code, ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(windows.query_calls, 8);
}

TEST(WindowsDisplays, NeverAsksTheSystemToRememberAnArrangement) {
    FakeWindows windows;
    WindowsDisplays displays(windows.table());
    ASSERT_TRUE(displays.apply({lit_path(0, 100, 0)}));
    ASSERT_TRUE(displays.extend());
    EXPECT_THAT(windows.set_flags,
                ElementsAre(SDC_APPLY | SDC_USE_SUPPLIED_DISPLAY_CONFIG | SDC_ALLOW_CHANGES,
                            SDC_APPLY | SDC_TOPOLOGY_EXTEND));
}

TEST(WindowsDisplays, GoesToTheInputDesktopOnceAndBack) {
    FakeWindows windows;
    windows.off_input_desktop = true;
    ASSERT_TRUE(WindowsDisplays(windows.table()).apply({lit_path(0, 100, 0)}));
    EXPECT_THAT(windows.applied.paths, SizeIs(1));
    EXPECT_EQ(windows.desktop, FakeWindows::kOwn);
    EXPECT_EQ(windows.open_desktops, 0);
}

TEST(WindowsDisplays, DeniedEverywhereSaysWhoMay) {
    FakeWindows windows;
    DisplayCalls calls = windows.table();
    calls.set = [](UINT32, DISPLAYCONFIG_PATH_INFO*, UINT32, DISPLAYCONFIG_MODE_INFO*,
                   UINT32) -> LONG { return ERROR_ACCESS_DENIED; };
    const auto extended = WindowsDisplays(calls).extend();
    ASSERT_FALSE(extended);
    EXPECT_EQ(extended.error().code, ERROR_ACCESS_DENIED);
    EXPECT_EQ(extended.error().reaction, Reaction::fallback);
    EXPECT_EQ(windows.open_desktops, 0);
}

TEST(WindowsDisplays, WakesTheScreensOnceAndHoldsThemNot) {
    FakeWindows windows;
    WindowsDisplays displays(windows.table());
    EXPECT_TRUE(displays.wake());
    EXPECT_EQ(windows.asked, static_cast<EXECUTION_STATE>(ES_DISPLAY_REQUIRED));
    windows.fail_at = windows.calls;
    EXPECT_FALSE(displays.wake());
}

// Each call of the system fails once, at its turn: an error or a lesser answer, and no desktop
// stays open, unless the thread cannot leave it.
TEST(WindowsDisplays, EveryCallMayFailOnce) {
    int turns = 0;
    for (bool reached = true; reached; ++turns) {
        FakeWindows windows;
        windows.config = make_config({lit_path(0, 100, 0)});
        windows.off_input_desktop = true;
        windows.fail_at = turns;
        WindowsDisplays displays(windows.table());
        const bool queried = displays.query(DisplayScope::all).has_value();
        const bool applied = displays.apply({lit_path(0, 100, 0)}).has_value();
        reached = windows.calls > turns;
        EXPECT_EQ(applied, !windows.set_flags.empty());
        EXPECT_TRUE(queried || turns < 2);
        EXPECT_EQ(windows.open_desktops, windows.desktop == FakeWindows::kOwn ? 0 : 1);
    }
    EXPECT_EQ(turns, 11);  // ten calls, and a turn in which none fails
}

TEST(WindowsDisplays, TheRealOnesAnswerWithinTheirWord) {
    const auto paths = open_display_system()->query(DisplayScope::active);
    if (!paths) {
        EXPECT_FALSE(paths.error().detail.empty());
    }
}

}  // namespace
}  // namespace pf::os
