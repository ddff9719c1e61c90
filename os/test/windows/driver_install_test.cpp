// Installing and removing in a Windows of our own: what there is after each step.
#include "driver_install.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_windows.hpp"

namespace pf::os {
namespace {

using test::FakeDevice;
using test::FakeWindows;
using test::Kept;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DriverInstall : public ::testing::Test {
protected:
    // The protocol answers where a driver of the new version runs.
    Result<void> answers() {
        ++asked_;
        for (const FakeDevice& device : windows_.devices) {
            if (device.registered && device.loaded == windows_.new_version) {
                return {};
            }
        }
        return fail("ask driver", 0, Reaction::retry, "no driver answers");
    }

    Result<InstallReport> install() {
        return install_driver(calls_, {"new.inf", "a.cer", [this] { return answers(); }});
    }

    void add_phantom() {
        windows_.devices.push_back({.id = L"ROOT\\DISPLAY\\0007",
                                    .present = false,
                                    .version = "0.1.0.0",
                                    .package = L"oem1.inf"});
    }

    void add_live(const std::string& version) {
        windows_.devices.push_back({.id = L"ROOT\\DISPLAY\\0000",
                                    .version = version,
                                    .package = L"oem1.inf",
                                    .loaded = version});
        windows_.packages.push_back({L"oem1.inf", version});
    }

    void expect_nodes(std::size_t present, std::size_t phantom) {
        EXPECT_EQ(windows_.count(true), present);
        EXPECT_EQ(windows_.count(false), phantom);
        EXPECT_EQ(windows_.open, 0);
    }

    FakeWindows windows_;
    const InstallCalls calls_ = windows_.calls();
    int asked_ = 0;
};

TEST_F(DriverInstall, OnABareSystemOneNodeComes) {
    const auto report = install();
    ASSERT_TRUE(report) << report.error().message();
    expect_nodes(1, 0);
    EXPECT_EQ(report->version, "0.2.0.0");
    EXPECT_THAT(report->steps, SizeIs(3));
    EXPECT_THAT(windows_.packages, SizeIs(1));
    EXPECT_THAT(windows_.certificates("Root"), ElementsAre("pf-test"));
    EXPECT_THAT(windows_.certificates("TrustedPublisher"), ElementsAre("pf-test"));
    EXPECT_EQ(asked_, 1);
}

TEST_F(DriverInstall, TheSecondTimeChangesNothing) {
    ASSERT_TRUE(install());
    const std::string before = windows_.picture();
    const auto again = install();
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_THAT(again->steps, IsEmpty());
    EXPECT_EQ(windows_.picture(), before);
    EXPECT_EQ(asked_, 2);
}

TEST_F(DriverInstall, APhantomNeverCounts) {
    add_phantom();
    ASSERT_TRUE(install());
    expect_nodes(1, 1);
    ASSERT_TRUE(install());
    expect_nodes(1, 1);
}

TEST_F(DriverInstall, APhantomThatIsListedAsPresentNeverCounts) {
    add_phantom();
    windows_.devices[0].marked = true;
    ASSERT_TRUE(install());
    expect_nodes(1, 1);
}

TEST_F(DriverInstall, APhantomBesideALiveOneChangesNothing) {
    add_phantom();
    add_live("0.1.0.0");
    ASSERT_TRUE(install());
    expect_nodes(1, 1);
    EXPECT_EQ(windows_.devices[1].loaded, "0.2.0.0");
}

TEST_F(DriverInstall, ANodeThatNeverGotADriverIsUsed) {
    windows_.devices.push_back({.id = L"ROOT\\DISPLAY\\0003"});
    ASSERT_TRUE(install());
    expect_nodes(1, 0);
}

TEST_F(DriverInstall, AnotherMakersDisplayIsNotOurs) {
    windows_.devices.push_back({.id = L"PCI\\VEN_1", .hardware_id = L"PCI\\VEN_1"});
    windows_.packages.push_back({L"oem3.inf", "0.2.0.0", "[Version]\nDriverVer=1/1/2026,0.2\n"});
    ASSERT_TRUE(install());
    expect_nodes(1, 0);
    ASSERT_TRUE(remove_driver(calls_));
    EXPECT_TRUE(windows_.devices[0].registered);
    EXPECT_THAT(windows_.packages, SizeIs(1));
}

TEST_F(DriverInstall, ADriverThatIsKeptUntilARestartIsRestarted) {
    add_live("0.1.0.0");
    windows_.kept = Kept::until_restart;
    const auto report = install();
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_THAT(report->steps, Contains(HasSubstr("restarted ROOT\\DISPLAY\\0000")));
    EXPECT_EQ(windows_.devices[0].loaded, "0.2.0.0");
    expect_nodes(1, 0);
}

TEST_F(DriverInstall, ADriverThatIsKeptInSilenceIsReplacedInTheStore) {
    add_live("0.1.0.0");
    windows_.kept = Kept::silently;
    const auto report = install();
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_THAT(report->steps, Contains(HasSubstr("removed the package oem1.inf (0.1.0.0)")));
    EXPECT_EQ(windows_.devices[0].loaded, "0.2.0.0");
    EXPECT_THAT(windows_.packages, SizeIs(1));
    expect_nodes(1, 0);
}

TEST_F(DriverInstall, ADriverThatIsKeptForEverIsSaid) {
    add_live("0.1.0.0");
    windows_.kept = Kept::for_ever;
    const auto report = install();
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message(), HasSubstr("keeps its old driver"));
    EXPECT_THAT(report.error().message(), HasSubstr("stays"));
    expect_nodes(1, 0);
}

TEST_F(DriverInstall, ADisabledNodeIsEnabled) {
    add_live("0.2.0.0");
    windows_.devices[0].disabled = true;
    windows_.devices[0].loaded = "";
    const auto report = install();
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_THAT(report->steps, Contains(HasSubstr("enabled ROOT\\DISPLAY\\0000")));
    expect_nodes(1, 0);
}

TEST_F(DriverInstall, WhatDoesNotAnswerIsTakenBack) {
    windows_.runs = false;
    const std::string before = windows_.picture();
    const auto report = install();
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message(), HasSubstr("does not answer"));
    EXPECT_THAT(report.error().message(), HasSubstr("nothing was left behind"));
    EXPECT_EQ(windows_.picture(), before);
    expect_nodes(0, 0);
}

TEST_F(DriverInstall, ANodeWhoseDriverDidNotComeIsTakenBack) {
    windows_.installs = false;
    add_phantom();
    const std::string before = windows_.picture();
    const auto report = install();
    ASSERT_FALSE(report);
    EXPECT_EQ(windows_.picture(), before);
    expect_nodes(0, 1);
}

TEST_F(DriverInstall, EarlierCertificatesOfTheSubjectGo) {
    for (const char* const store : {"Root", "TrustedPublisher"}) {
        windows_.add_certificate(store, test::kCertificateB);
        windows_.add_certificate(store, test::kCertificateB);
        windows_.add_certificate(store, test::kCertificateOfAnother);
    }
    const auto report = install();
    ASSERT_TRUE(report);
    EXPECT_THAT(report->steps, Contains(HasSubstr("in place of earlier ones")));
    for (const char* const store : {"Root", "TrustedPublisher"}) {
        EXPECT_THAT(windows_.certificates(store),
                    ::testing::UnorderedElementsAre("pf-test", "pf other"));
    }
}

TEST_F(DriverInstall, AWrongPackageOrCertificateChangesNothing) {
    const std::string before = windows_.picture();
    windows_.files["other.inf"] = "[Version]\nDriverVer=1/1/2026,1.0\nx=y,Root\\other\n";
    windows_.files["bad.cer"] = "hello";
    for (const InstallRequest& request :
         {InstallRequest{"none.inf", "", {}}, InstallRequest{"other.inf", "", {}},
          InstallRequest{"new.inf", "none.cer", {}}, InstallRequest{"new.inf", "bad.cer", {}}}) {
        EXPECT_FALSE(install_driver(calls_, request));
        EXPECT_EQ(windows_.picture(), before);
        expect_nodes(0, 0);
    }
}

TEST_F(DriverInstall, ARemovalTakesEverythingOfOursAndSecondsChangeNothing) {
    windows_.add_certificate("Root", test::kCertificateOfAnother);
    add_phantom();
    ASSERT_TRUE(install());
    windows_.service = L"pf_wdmsim";
    const auto report = remove_driver(calls_);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->failures, IsEmpty());
    EXPECT_THAT(report->steps, SizeIs(6));
    EXPECT_EQ(windows_.picture(), "Root pf other\n");
    expect_nodes(0, 0);
    EXPECT_THAT(remove_driver(calls_)->steps, IsEmpty());
}

TEST_F(DriverInstall, PhantomsAreReapedAndPresentOnesStay) {
    add_phantom();
    add_live("0.1.0.0");
    windows_.devices.push_back({.id = L"DISPLAY\\PNK0001\\1",
                                .hardware_id = L"MONITOR\\PNK0001",
                                .monitor = true,
                                .present = false});
    windows_.devices.push_back(
        {.id = L"DISPLAY\\PNK0001\\2", .hardware_id = L"MONITOR\\PNK0001", .monitor = true});
    windows_.devices.push_back({.id = L"DISPLAY\\DEL0001\\3",
                                .hardware_id = L"MONITOR\\DEL0001",
                                .monitor = true,
                                .present = false});
    const auto report = reap_phantoms(calls_);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->steps,
                ElementsAre("removed ROOT\\DISPLAY\\0007", "removed DISPLAY\\PNK0001\\1"));
    expect_nodes(1, 0);
    EXPECT_TRUE(windows_.devices[3].registered && windows_.devices[4].registered);
}

TEST_F(DriverInstall, StatusSaysOfEachNodeWhatItIs) {
    add_phantom();
    add_live("0.1.0.0");
    windows_.devices.push_back({.id = L"ROOT\\DISPLAY\\0001",
                                .disabled = true,
                                .version = "0.1.0.0",
                                .package = L"oem1.inf"});
    const auto seen = survey_driver(calls_);
    ASSERT_TRUE(seen);
    ASSERT_THAT(seen->nodes, SizeIs(3));
    EXPECT_FALSE(seen->nodes[0].present);
    EXPECT_TRUE(seen->nodes[1].present && seen->nodes[1].started &&
                seen->nodes[1].interface_active);
    EXPECT_EQ(seen->nodes[1].version, "0.1.0.0");
    EXPECT_TRUE(seen->nodes[2].present && !seen->nodes[2].started);
    EXPECT_EQ(seen->nodes[2].problem, 22u);
}

TEST_F(DriverInstall, WhereNoDeviceIsRestartedItsServiceIsStarted) {
    add_live("0.1.0.0");
    windows_.restarts_devices = false;
    EXPECT_EQ(restart_instance(calls_, "ROOT\\DISPLAY\\0000").error().reaction, Reaction::fallback);
    windows_.devices[0].service = windows_.service = L"pf_wdmsim";
    const auto restarted = restart_instance(calls_, "ROOT\\DISPLAY\\0000");
    ASSERT_TRUE(restarted);
    EXPECT_THAT(*restarted, HasSubstr("started the service pf_wdmsim"));
    EXPECT_FALSE(restart_instance(calls_, "ROOT\\DISPLAY\\0099"));
    EXPECT_EQ(windows_.open, 0);
}

}  // namespace
}  // namespace pf::os
