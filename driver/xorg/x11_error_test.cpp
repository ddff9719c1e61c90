#include "x11_error.hpp"

#include <gtest/gtest.h>

namespace pf::driver {
namespace {

TEST(X11Error, HasItsNameAndItsNumber) {
    const X11ErrorBases bases{147, 152, 140, 128, 129};
    EXPECT_EQ(x11_error_name(8, bases), "BadMatch (8)");
    EXPECT_EQ(x11_error_name(17, bases), "BadImplementation (17)");
    EXPECT_EQ(x11_error_name(149, bases), "BadRRMode (149)");
    EXPECT_EQ(x11_error_name(152, bases), "BadDamage (152)");
    EXPECT_EQ(x11_error_name(128, bases), "BadShmSeg (128)");
    EXPECT_EQ(x11_error_name(140, bases), "BadRegion (140)");
    EXPECT_EQ(x11_error_name(200, bases), "error 200");
    EXPECT_EQ(x11_error_name(149, {}), "error 149");
}

TEST(X11Error, AStatusOfRandrToo) {
    EXPECT_EQ(randr_status_name(3), "Failed (3)");
    EXPECT_EQ(randr_status_name(9), "status 9");
}

}  // namespace
}  // namespace pf::driver
