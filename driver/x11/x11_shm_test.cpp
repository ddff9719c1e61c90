#include "x11_shm.hpp"

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/os/test/interference.hpp>

#include "x11/test/x11_fixture.hpp"
#include "xorg/xorg_server.hpp"

namespace pf::driver {
namespace {

constexpr std::uint32_t kWidth = 64;
constexpr std::uint32_t kHeight = 48;

std::shared_ptr<MappedRing> make_ring() {
    auto ring = std::make_shared<MappedRing>();
    for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
        auto region = os::Region::create(std::uint64_t{kWidth} * kHeight * 4, "shm-test");
        EXPECT_TRUE(region) << region.error().message();
        ring->slot_regions.push_back(std::move(*region));
    }
    return ring;
}

std::size_t descriptors() {
    return os::footprint(os::current_pid())->descriptors;
}

// The server takes what fits; what does not is no descriptor of ours afterwards.
TEST(X11Shm, WantOfDescriptorsLeavesNone) {
    const ServerPlace place;
    XorgOptions options;
    options.state_directory = place.path();
    const auto server = XorgServer::adopt_or_start(options);
    ASSERT_TRUE(server) << server.error().message();
    const auto self = os::Process::open(os::current_pid());
    const auto ring = make_ring();
    proto::RingGeometry geometry{};
    geometry.width = kWidth;
    geometry.height = kHeight;
    geometry.pitch_bytes = kWidth * 4;
    const std::size_t before = descriptors();
    for (const std::size_t more : {0U, 1U, 4U, 5U}) {
        auto connection = X11Connection::open(place.endpoint(), os::deadline_after(os::kSecond));
        ASSERT_TRUE(connection) << connection.error().message();
        const auto limit = os::limit_descriptors(*self, *os::descriptor_limit_for(*self, more));
        ASSERT_TRUE(limit);
        {
            X11Shm shm(*connection);
            EXPECT_FALSE(shm.attach(ring, geometry, true)) << more;
        }
        ASSERT_TRUE(os::limit_descriptors(*self, *limit));
        connection = tl::unexpected(os::Error{});
        EXPECT_EQ(descriptors(), before) << more;
    }
    auto connection = X11Connection::open(place.endpoint(), os::deadline_after(os::kSecond));
    X11Shm shm(*connection);
    EXPECT_TRUE(shm.attach(ring, geometry, true));
}

}  // namespace
}  // namespace pf::driver
