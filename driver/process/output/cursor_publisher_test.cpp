#include "cursor_publisher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <pf/proto/shared_access.hpp>

namespace pf::driver {
namespace {

// A host's cursor section and the driver's hold on it.
struct Section {
    os::Region region;
    os::WritableMapping mapping;

    explicit Section(std::uint64_t bytes = proto::kCursorSectionBytes,
                     std::uint32_t magic = proto::kCursorMagic)
        : region(*os::Region::create(bytes, "test cursor")),
          mapping(*os::WritableMapping::map(region)) {
        shared().magic = magic;
    }
    proto::CursorShm& shared() const {
        return *reinterpret_cast<proto::CursorShm*>(mapping.bytes().data());
    }
    std::uint32_t pixel(std::size_t index) const {
        return reinterpret_cast<const std::uint32_t*>(mapping.bytes().data() +
                                                      proto::kCursorShapeOffset)[index];
    }
    MappedCursor for_driver() const {
        MappedCursor cursor;
        cursor.region = *os::Region::adopt(*region.handle().duplicate(), 1);
        cursor.mapping = *os::WritableMapping::map(cursor.region);
        return cursor;
    }
};

CursorState state_at(std::int32_t x, const std::vector<std::uint32_t>* shape = nullptr) {
    CursorState state;
    state.visible = true;
    state.x = x;
    state.y = x;
    if (shape != nullptr) {
        state.width = 4;
        state.height = static_cast<std::uint32_t>(shape->size()) / 4;
        state.pixels = shape->data();
    }
    return state;
}

TEST(CursorPublisher, SaysWhereTheMonitorLiesWhereTheSectionHasRoom) {
    const Section section(proto::kCursorSectionOriginBytes);
    auto& origin = *reinterpret_cast<proto::CursorOrigin*>(section.mapping.bytes().data() +
                                                           proto::kCursorOriginOffset);
    CursorPublisher publisher;
    CursorState state = state_at(1100);
    state.origin_x = 1000;
    state.origin_y = -600;
    publisher.publish(state);
    publisher.attach(section.for_driver());
    EXPECT_EQ(origin.known, 0u) << "the host did not say that it looks there";
    origin.magic = proto::kCursorOriginMagic;
    publisher.attach(section.for_driver());
    EXPECT_EQ(section.shared().x, 1100) << "desktop pixels, as the contract says";
    EXPECT_EQ(origin.known, 1u);
    EXPECT_EQ(origin.x, 1000);
    EXPECT_EQ(origin.y, -600);
}

TEST(CursorPublisher, WritesStateAndShape) {
    const Section section;
    CursorPublisher publisher;
    publisher.attach(section.for_driver());
    ASSERT_TRUE(publisher.attached());
    const std::vector<std::uint32_t> shape(16, 0xFF112233);
    publisher.publish(state_at(-7, &shape));
    EXPECT_EQ(section.shared().seq % 2, 0u);
    EXPECT_EQ(section.shared().visible, 1u);
    EXPECT_EQ(section.shared().x, -7);
    EXPECT_EQ(section.shared().cursor_type, proto::kCursorTypeAlpha);
    EXPECT_EQ(section.shared().width, 4u);
    EXPECT_EQ(section.shared().pitch, 16u);
    EXPECT_EQ(section.pixel(15), 0xFF112233u);
    const std::uint32_t shape_id = section.shared().shape_id;
    publisher.publish(state_at(8));
    EXPECT_EQ(section.shared().x, 8);
    EXPECT_EQ(section.shared().shape_id, shape_id);
    publisher.publish(state_at(8, &shape));
    EXPECT_NE(section.shared().shape_id, shape_id);
}

TEST(CursorPublisher, ALaterSectionStartsWithTheNewestPointer) {
    CursorPublisher publisher;
    const std::vector<std::uint32_t> shape(16, 0xFF445566);
    publisher.publish(state_at(5, &shape));
    publisher.publish(state_at(6));
    const Section section;
    publisher.attach(section.for_driver());
    EXPECT_EQ(section.shared().x, 6);
    EXPECT_EQ(section.shared().width, 4u);
    EXPECT_EQ(section.pixel(0), 0xFF445566u);
}

TEST(CursorPublisher, ALargeShapeIsCut) {
    const Section section;
    CursorPublisher publisher;
    publisher.attach(section.for_driver());
    std::vector<std::uint32_t> shape(300 * 300);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        shape[i] = static_cast<std::uint32_t>(i);
    }
    CursorState state = state_at(0);
    state.width = state.height = 300;
    state.hot_x = state.hot_y = 299;
    state.pixels = shape.data();
    publisher.publish(state);
    EXPECT_TRUE(section.shared().width == 256 && section.shared().height == 256);
    EXPECT_EQ(section.pixel(257), 301u);  // row 1, column 1
    EXPECT_LE(section.shared().hot_x, 256u);
}

TEST(CursorPublisher, ASectionThatIsNoneIsLetGo) {
    CursorPublisher publisher;
    publisher.attach(Section(4096).for_driver());
    EXPECT_FALSE(publisher.attached());
    publisher.attach(Section(proto::kCursorSectionBytes, 1).for_driver());
    EXPECT_FALSE(publisher.attached());
    publisher.publish(state_at(1));
}

// A reader that finds one even seq before and after its copy has one state, whatever the host
// itself wrote there.
TEST(CursorPublisher, AReaderNeverMixesTwoStates) {
    const Section section;
    section.shared().seq = 0xFFFF'FFF1;  // left odd, about to wrap
    CursorPublisher publisher;
    publisher.attach(section.for_driver());
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (std::int32_t i = 1; !stop; i = (i + 1) % 1000) {
            publisher.publish(state_at(i));
        }
    });
    int good = 0;
    while (good < 20000) {
        const std::uint32_t before = proto::load_acquire(section.shared().seq);
        const std::int32_t x = proto::load_relaxed(section.shared().x);
        const std::int32_t y = proto::load_relaxed(section.shared().y);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (before % 2 == 0 && proto::load_relaxed(section.shared().seq) == before) {
            ASSERT_EQ(x, y);
            ++good;
        }
    }
    stop = true;
    writer.join();
}

}  // namespace
}  // namespace pf::driver
