// What is said about an installation, from values.
#include "driver_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pf/host/errors.hpp>

#include "command_line.hpp"
#include "driver_answer.hpp"
#include "json_text.hpp"

namespace pf::cli {
namespace {

using ::testing::HasSubstr;

const os::DriverInventory kSome{
    {{"ROOT\\DISPLAY\\0000", true, true, 0, true, "0.1.0.0", "oem2.inf"},
     {"ROOT\\DISPLAY\\0001", true, false, 22, false, "", ""},
     {"ROOT\\DISPLAY\\0002", false, false, 0, false, "0.1.0.0", ""}},
    {{"oem2.inf", "0.1.0.0"}}};

TEST(DriverTable, EveryNodeHasItsStateInWords) {
    const std::string text = to_text(kSome);
    EXPECT_THAT(text, HasSubstr("ROOT\\DISPLAY\\0000  started      active     0.1.0.0"));
    EXPECT_THAT(text, HasSubstr("ROOT\\DISPLAY\\0001  problem 22   inactive   -"));
    EXPECT_THAT(text, HasSubstr("ROOT\\DISPLAY\\0002  phantom      inactive   0.1.0.0"));
    EXPECT_THAT(text, HasSubstr("package oem2.inf: 0.1.0.0"));
    EXPECT_THAT(to_text(os::DriverInventory{}), HasSubstr("pfvd driver install"));
}

TEST(DriverTable, TheJsonHasEveryPromisedField) {
    const auto json = nlohmann::json::parse(to_json(kSome));
    for (const char* const field :
         {"id", "present", "started", "problem", "interface_active", "driver_version", "package"}) {
        EXPECT_TRUE(json["nodes"][0].contains(field)) << field;
    }
    EXPECT_EQ(json["nodes"][1]["problem"], 22);
    EXPECT_EQ(json["packages"][0]["version"], "0.1.0.0");
}

TEST(DriverTable, AnInstallThatChangedNothingSaysSo) {
    const os::InstallReport report{"0.1.0.0", {}};
    EXPECT_THAT(to_text(report), HasSubstr("nothing was changed"));
    EXPECT_FALSE(nlohmann::json::parse(to_json(report))["changed"]);
}

host::InstanceReport instance(bool usable, std::uint32_t protocol) {
    host::InstanceReport report;
    report.instance.name = "A";
    report.usable = usable;
    report.protocol = protocol;
    report.reason = usable ? "" : "why not";
    return report;
}

TEST(DriverAnswer, OneUsableInstanceIsEnough) {
    EXPECT_TRUE(judge_answers({instance(false, 0), instance(true, 6)}));
    EXPECT_EQ(judge_answers({}).error().code, host::kNoDriver);
    const auto silent = judge_answers({instance(false, 0)});
    EXPECT_EQ(silent.error().code, host::kNoDriver);
    EXPECT_THAT(silent.error().message(), HasSubstr("A: why not"));
    EXPECT_EQ(judge_answers({instance(false, 9)}).error().code, host::kProtocolMismatch);
}

template <typename Wanted>
bool parses_as(std::initializer_list<const char*> arguments) {
    std::vector<const char*> argv{"pfvd"};
    argv.insert(argv.end(), arguments);
    const auto parsed = parse_command_line(static_cast<int>(argv.size()), argv.data());
    const auto* command = std::get_if<Command>(&parsed);
    return command != nullptr && std::holds_alternative<Wanted>(*command);
}

TEST(DriverVerbs, EachIsItsOwnAndRunningIsTheRest) {
    EXPECT_TRUE(parses_as<DriverOptions>({"driver"}));
    EXPECT_TRUE(parses_as<DriverOptions>({"driver", "--idle-timeout", "3"}));
    EXPECT_TRUE(parses_as<DriverInstallOptions>({"driver", "install", "--inf", "x.inf"}));
    EXPECT_TRUE(parses_as<DriverRemoveOptions>({"driver", "remove", "--json"}));
    EXPECT_TRUE(parses_as<DriverStatusOptions>({"driver", "status"}));
    EXPECT_TRUE(parses_as<DriverRestartOptions>({"driver", "restart", "--instance", "A\\B\\1"}));
    EXPECT_TRUE(parses_as<DriverReapOptions>({"driver", "reap"}));
    EXPECT_FALSE(parses_as<DriverStatusOptions>({"driver", "status", "--loud"}));
}

}  // namespace
}  // namespace pf::cli
