// Every system call of an install, a removal, a survey failing once: nothing stays open, and
// nothing is half done without a word.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driver_install.hpp"
#include "fake_windows.hpp"

namespace pf::os {
namespace {

using test::FakeWindows;
using test::Kept;
using ::testing::HasSubstr;

using Setup = std::function<void(FakeWindows&)>;

void live(FakeWindows& windows) {
    windows.devices.push_back({.id = L"ROOT\\DISPLAY\\0000",
                               .version = "0.1.0.0",
                               .package = L"oem1.inf",
                               .loaded = "0.1.0.0"});
    windows.packages.push_back({L"oem1.inf", "0.1.0.0"});
}

void phantom(FakeWindows& windows) {
    windows.devices.push_back({.id = L"ROOT\\DISPLAY\\0007",
                               .present = false,
                               .version = "0.1.0.0",
                               .package = L"oem1.inf"});
}

Result<InstallReport> install(FakeWindows& windows) {
    const auto answers = [&windows]() -> Result<void> {
        for (const auto& device : windows.devices) {
            if (device.registered && device.loaded == windows.new_version) {
                return {};
            }
        }
        return fail("ask driver", 0, Reaction::retry, "no driver answers");
    };
    return install_driver(windows.calls(), {"new.inf", "a.cer", answers});
}

// What an install that failed has left, its error names.
void expect_said(const FakeWindows& windows, const std::string& before, const Error& error) {
    if (windows.picture() == before) {
        return;
    }
    EXPECT_THAT(error.message(), HasSubstr("stays")) << windows.picture();
    for (const auto& device : windows.devices) {
        if (device.registered && device.id.starts_with(L"ROOT\\DISPLAY\\100")) {
            EXPECT_THAT(error.message(), HasSubstr("the device ROOT\\DISPLAY\\100"));
        }
    }
    if (before.find("pf-test") == std::string::npos && !windows.certificates("Root").empty()) {
        EXPECT_THAT(error.message(), HasSubstr("ertificate"));
    }
}

class EveryInstallCall : public ::testing::TestWithParam<Setup> {};

TEST_P(EveryInstallCall, FailingOnceLeavesNothingOpenAndNothingUnsaid) {
    int failures = 0;
    for (int n = 1;; ++n) {
        FakeWindows windows;
        GetParam()(windows);
        const std::string before = windows.picture();
        windows.fails_at = n;
        const auto report = install(windows);
        if (windows.failed.empty()) {
            EXPECT_TRUE(report);
            EXPECT_GT(n, 50) << "so many calls an install makes at least";
            break;
        }
        SCOPED_TRACE(windows.failed + ", call " + std::to_string(n));
        EXPECT_EQ(windows.open, 0);
        EXPECT_LE(windows.count(true), 1u);
        failures += !report;
        if (!report) {
            expect_said(windows, before, report.error());
        } else {  // it did without what failed
            EXPECT_EQ(windows.count(true), 1u);
            EXPECT_EQ(windows.certificates("Root").size(), 1u);
            EXPECT_EQ(windows.certificates("TrustedPublisher").size(), 1u);
        }
    }
    EXPECT_GT(failures, 30);
}

INSTANTIATE_TEST_SUITE_P(From, EveryInstallCall,
                         ::testing::Values(Setup([](FakeWindows&) {}), Setup(phantom), Setup(live),
                                           Setup([](FakeWindows& windows) {
                                               live(windows);
                                               phantom(windows);
                                               windows.kept = Kept::until_restart;
                                           }),
                                           Setup([](FakeWindows& windows) {
                                               live(windows);
                                               windows.kept = Kept::silently;
                                           }),
                                           Setup([](FakeWindows& windows) {
                                               windows.add_certificate("Root", test::kCertificateB);
                                               windows.add_certificate("TrustedPublisher",
                                                                       test::kCertificateB);
                                           })));

TEST(EveryRemovalCall, FailingOnceIsToldAndTheRestIsDone) {
    for (int n = 1;; ++n) {
        FakeWindows windows;
        phantom(windows);
        ASSERT_TRUE(install(windows));
        windows.service = L"pf_wdmsim";
        windows.made = 0;
        windows.fails_at = n;
        const auto report = remove_driver(windows.calls());
        ASSERT_TRUE(report);
        if (windows.failed.empty()) {
            EXPECT_EQ(windows.picture(), "");
            break;
        }
        SCOPED_TRACE(windows.failed + ", call " + std::to_string(n));
        EXPECT_EQ(windows.open, 0);
        EXPECT_TRUE(!report->failures.empty() || report->restart_pending ||
                    windows.picture().empty())
            << windows.picture();
    }
}

TEST(EveryRestartCall, FailingOnceLeavesNothingOpen) {
    for (int n = 1;; ++n) {
        FakeWindows windows;
        live(windows);
        windows.devices[0].service = windows.service = L"pf_wdmsim";
        windows.restarts_devices = false;
        windows.fails_at = n;
        const auto restarted = restart_instance(windows.calls(), "ROOT\\DISPLAY\\0000");
        EXPECT_EQ(windows.open, 0) << windows.failed;
        if (windows.failed.empty()) {
            EXPECT_TRUE(restarted);
            break;
        }
    }
}

TEST(EverySurveyCall, FailingOnceIsAnErrorOrChangesNothing) {
    for (int n = 1;; ++n) {
        FakeWindows windows;
        phantom(windows);
        live(windows);
        windows.fails_at = n;
        const auto seen = survey_driver(windows.calls());
        EXPECT_EQ(windows.open, 0) << windows.failed;
        if (seen) {
            ASSERT_EQ(seen->nodes.size(), 2u) << windows.failed;
            EXPECT_FALSE(seen->nodes[0].present) << windows.failed;
            EXPECT_TRUE(seen->nodes[1].present) << windows.failed;
        }
        if (windows.failed.empty()) {
            break;
        }
    }
}

}  // namespace
}  // namespace pf::os
