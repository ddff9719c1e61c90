#include "x11_picture_watch.hpp"

#include <gtest/gtest.h>

namespace pf::driver {
namespace {

TEST(PictureWatch, APictureThatIsLostIsGivenUpSoonerThanASilentOne) {
    const PicturePatience patience;
    PictureWatch watch(patience, 0);
    EXPECT_FALSE(watch.gives_up(true, patience.silent_ns)) << "it is asked";
    watch.tell_lost();
    EXPECT_TRUE(watch.gives_up(true, patience.silent_ns)) << "all of that counts";
    watch.answered(0);
    EXPECT_FALSE(watch.gives_up(true, patience.lost_ns));
    EXPECT_TRUE(watch.gives_up(true, patience.lost_ns + 1));
    EXPECT_FALSE(watch.gives_up(true, patience.lost_ns + 2)) << "once";
    watch.tell_asked();
    EXPECT_FALSE(watch.gives_up(true, 2 * patience.lost_ns + 2));
    EXPECT_TRUE(watch.gives_up(true, patience.silent_ns + patience.lost_ns + 2));
}

TEST(PictureWatch, OneThatNobodyWantsOrThatCameIsNot) {
    PictureWatch watch({.lost_ns = 10, .silent_ns = 100}, 0);
    watch.tell_lost();
    EXPECT_FALSE(watch.gives_up(false, 50));
    EXPECT_FALSE(watch.gives_up(true, 60));
    watch.answered(60);
    EXPECT_FALSE(watch.gives_up(true, 70));
    EXPECT_TRUE(watch.gives_up(true, 71));
}

}  // namespace
}  // namespace pf::driver
