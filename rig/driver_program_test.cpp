#include <pf/rig/driver_program.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pf::rig {
namespace {

using ::testing::ElementsAre;

TEST(DriverArguments, OnlyWhatWasGiven) {
    EXPECT_THAT(driver_arguments("drv", {}), ElementsAre("drv", "--instance", "main"));
    DriverLaunch launch;
    launch.instance = "x";
    launch.source = "pattern";
    launch.protocol = "4";
    EXPECT_THAT(driver_arguments("drv", launch),
                ElementsAre("drv", "--instance", "x", "--source", "pattern", "--protocol", "4"));
}

}  // namespace
}  // namespace pf::rig
