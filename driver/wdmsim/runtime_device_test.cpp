#include "runtime_device.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>
#include <pf/proto/control.hpp>

#include "pattern/pattern_source.hpp"
#include "test/fake_carrier.hpp"

namespace pf::driver {
namespace {

constexpr FileNumber kFile = 100, kOtherFile = 101;

class NoHandles final : public HandleSource {
public:
    bool knows(core::Owner, std::uint64_t) const override { return false; }
    os::Handle take(core::Owner, std::uint64_t) override { return {}; }
    void drop_owner(core::Owner) override {}
};

class RuntimeDeviceTest : public testing::Test {
protected:
    RuntimeDeviceTest() {
        device_->file_created(kFile, os::current_pid());
        device_->file_created(kOtherFile, os::current_pid());
    }
    template <typename Request>
    test::FakeCarrier::Completed call(FileNumber file, std::uint32_t code, const Request& request) {
        const auto bytes = std::as_bytes(std::span(&request, 1));
        const RequestNumber number = next_++;
        device_->request({number, file, code, {bytes.begin(), bytes.end()}, 64});
        device_->turn(os::now_ns());
        return carrier_.take(number).value_or(test::FakeCarrier::Completed{0xDEAD, {}});
    }
    std::uint32_t add(FileNumber file, std::uint64_t session) {
        return call(file, proto::kIoctlAdd, proto::AddRequest{session, 64, 32, 60, 0, 0, 0, 0, 0})
            .status;
    }
    std::uint32_t change_mode(FileNumber file, std::uint64_t session) {
        return call(file, proto::kIoctlUpdateModes,
                    proto::UpdateModesRequest{session, 32, 32, 60, 0})
            .status;
    }

    test::FakeCarrier carrier_;
    RequestNumber next_ = 1;
    std::unique_ptr<RuntimeDevice> device_ =
        RuntimeDevice::create(carrier_, {6, 4711, 1, 0}, std::make_unique<NoHandles>(),
                              std::make_unique<PatternSource>(PatternOptions{}))
            .value();
};

TEST_F(RuntimeDeviceTest, AnswersWithTheReplysBytes) {
    const auto done = call(kFile, proto::kIoctlGetInfo, std::uint32_t{0});
    EXPECT_EQ(done.status, proto::kStatusSuccess);
    ASSERT_EQ(done.output.size(), sizeof(proto::InfoReply));
    proto::InfoReply reply;
    std::memcpy(&reply, done.output.data(), sizeof reply);
    EXPECT_EQ(reply.protocol_version, 6U);
}

TEST_F(RuntimeDeviceTest, CompletesAnAddWhenItsMonitorIsThere) {
    EXPECT_EQ(add(kFile, 1), proto::kStatusSuccess);
    EXPECT_EQ(change_mode(kFile, 1), proto::kStatusSuccess);
}

TEST_F(RuntimeDeviceTest, TheFilesOfAProcessAreOneOwners) {
    EXPECT_EQ(add(kFile, 1), proto::kStatusSuccess);
    device_->file_closed(kFile);
    EXPECT_EQ(change_mode(kOtherFile, 1), proto::kStatusSuccess);
}

TEST_F(RuntimeDeviceTest, MonitorsDepartWithTheLastFileOfTheirOwner) {
    EXPECT_EQ(add(kFile, 1), proto::kStatusSuccess);
    device_->file_closed(kFile);
    device_->file_closed(kOtherFile);
    device_->file_created(kFile, os::current_pid());
    EXPECT_EQ(change_mode(kFile, 1), proto::kStatusNotFound);
}

TEST_F(RuntimeDeviceTest, AValueThatIsNoHandleIsRefused) {
    const auto added =
        call(kFile, proto::kIoctlAdd, proto::AddRequest{1, 64, 32, 60, 0, 0, 0, 0, 0});
    proto::AddReply reply;
    ASSERT_EQ(added.output.size(), sizeof reply);
    std::memcpy(&reply, added.output.data(), sizeof reply);
    proto::SetFrameChannelRequest request{};
    request.target_id = reply.target_id;
    request.generation = 1;
    request.ring_len = 1;
    request.header_handle = request.event_handle = request.texture_handles[0] = 4;
    EXPECT_NE(call(kFile, proto::kIoctlSetFrameChannel, request).status, proto::kStatusSuccess);
}

}  // namespace
}  // namespace pf::driver
