#include "capture/cursor_reader.hpp"

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::host {
namespace {

class CursorTest : public testing::Test {
protected:
    proto::CursorShm& shared() {
        return *reinterpret_cast<proto::CursorShm*>(mapping_.bytes().data());
    }
    std::uint32_t* pixels() {
        return reinterpret_cast<std::uint32_t*>(mapping_.bytes().data() +
                                                proto::kCursorShapeOffset);
    }
    // As a driver writes: odd, content, even. Every pixel is the shape's id.
    void write(std::uint32_t id, std::int32_t x, std::uint32_t size) {
        proto::CursorShm& c = shared();
        const std::uint32_t seq = proto::load_relaxed(c.seq);
        proto::store_relaxed(c.seq, seq + 1);
        std::atomic_thread_fence(std::memory_order_release);
        proto::store_relaxed(c.visible, 1);
        proto::store_relaxed(c.cursor_type, proto::kCursorTypeAlpha);
        proto::store_relaxed(c.x, x);
        proto::store_relaxed(c.y, -x);
        proto::store_relaxed(c.shape_id, id);
        proto::store_relaxed(c.width, size);
        proto::store_relaxed(c.height, size);
        proto::store_relaxed(c.pitch, size * 4);
        for (std::uint32_t i = 0; i < size * size; ++i) {
            proto::store_relaxed(pixels()[i], id);
        }
        proto::store_release(c.seq, seq + 2);
    }
    std::unique_ptr<CursorReader> reader_ = CursorReader::create().value();
    os::WritableMapping mapping_ = os::WritableMapping::map(reader_->region()).value();
};

TEST_F(CursorTest, NothingBeforeTheFirstWrite) {
    EXPECT_EQ(shared().magic, proto::kCursorMagic);
    EXPECT_FALSE(reader_->read());
}

TEST_F(CursorTest, ThePlaceIsThatOnTheMonitorWhereTheDriverSaysWhereThatLies) {
    auto& origin = *reinterpret_cast<proto::CursorOrigin*>(mapping_.bytes().data() +
                                                           proto::kCursorOriginOffset);
    EXPECT_EQ(origin.magic, proto::kCursorOriginMagic);
    write(5, 1100, 3);
    EXPECT_EQ(reader_->read()->x, 1100);
    EXPECT_TRUE(reader_->read()->in_desktop_pixels) << "a driver of the public contract";
    origin.known = 1;
    origin.x = 1000;
    origin.y = -2000;
    const auto cursor = reader_->read();
    EXPECT_EQ(cursor->x, 100);
    EXPECT_EQ(cursor->y, 900);
    EXPECT_FALSE(cursor->in_desktop_pixels);
    origin.x = INT32_MIN;
    origin.y = INT32_MAX;
    (void)reader_->read();  // no undefined arithmetic, whatever the driver says
}

TEST_F(CursorTest, ReadsStateAndShape) {
    write(5, 42, 3);
    const auto cursor = reader_->read();
    ASSERT_TRUE(cursor);
    EXPECT_TRUE(cursor->visible);
    EXPECT_EQ(cursor->x, 42);
    EXPECT_EQ(cursor->y, -42);
    ASSERT_NE(cursor->shape, nullptr);
    EXPECT_EQ(cursor->shape->pixels, std::vector<std::uint32_t>(9, 5));
    shared().x = 43;
    EXPECT_EQ(reader_->read()->shape, cursor->shape) << "an unchanged shape is not copied again";
}

// As after a rebuild: the next driver's first shape has the number of the last driver's first.
TEST_F(CursorTest, ShapesOfTwoDriversAreToldApart) {
    write(1, 0, 3);
    const auto before = reader_->read()->shape;
    reader_ = CursorReader::create().value();
    mapping_ = os::WritableMapping::map(reader_->region()).value();
    write(1, 0, 4);
    EXPECT_NE(reader_->read()->shape->id, before->id);
    const auto newest = reader_->read()->shape;
    write(2, 0, 4);
    EXPECT_NE(reader_->read()->shape->id, newest->id);
}

TEST_F(CursorTest, AWriterThatNeverEndsIsNotWaitedFor) {
    write(5, 1, 2);
    shared().seq = 7;
    EXPECT_FALSE(reader_->read());
}

TEST_F(CursorTest, AShapeOutsideTheSectionIsNotRead) {
    write(5, 1, 2);
    for (const std::uint32_t lie : {257u, 0xFFFFFFFFu, 0x80000000u}) {
        shared().shape_id++;
        shared().width = lie;
        EXPECT_EQ(reader_->read()->shape, nullptr);
        shared().width = 2;
        shared().height = lie;
        EXPECT_EQ(reader_->read()->shape, nullptr);
        shared().height = 2;
        shared().pitch = lie;
        EXPECT_EQ(reader_->read()->shape, nullptr);
        shared().pitch = 8;
    }
}

TEST_F(CursorTest, NeverTornWhileItIsWritten) {
    std::atomic<bool> ending{false};
    write(1, 1, 16);
    std::thread driver([&] {
        for (std::uint32_t i = 2; !ending.load(); ++i) {
            write(i, static_cast<std::int32_t>(i), 16);
            std::this_thread::yield();
        }
    });
    int whole = 0;
    const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
    while (whole < 500 && os::now_ns() < deadline_ns) {
        const auto cursor = reader_->read();
        if (cursor && cursor->shape != nullptr) {
            ++whole;
            ASSERT_EQ(cursor->x, -cursor->y);
            ASSERT_EQ(cursor->shape->pixels,
                      std::vector<std::uint32_t>(256, static_cast<std::uint32_t>(cursor->x)));
        }
    }
    ending = true;
    driver.join();
    EXPECT_EQ(whole, 500);
}

}  // namespace
}  // namespace pf::host
