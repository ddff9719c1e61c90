// DeviceChannel over DeviceIoControl. Internal to os/windows.
#pragma once

#include <memory>
#include <string>

#include <pf/os/device_channel.hpp>
#include <pf/os/peer_trust.hpp>

#include "ioctl_line.hpp"

namespace pf::os {

class IoctlChannel final : public DeviceChannel {
public:
    // `device` is open for overlapped calls. `driver_image`: see image_path_policy.hpp.
    IoctlChannel(const DeviceCalls& calls, Handle device, std::string driver_image);

    Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                             std::span<std::byte> output, const Patience& patience,
                             Remark* remark = nullptr) override;
    Result<std::vector<std::uint64_t>> give_all(std::span<const Gift> gifts,
                                                const Patience& patience) override;
    Result<void> close_remote(std::uint64_t value, const Patience& patience) override;
    const Process& driver_process() const override { return driver_->process(); }
    Result<void> trust(std::uint32_t pid) override { return driver_->trust(pid); }
    bool gone_is_final() const override { return false; }
    void hang_up() override { line_.hang_up(); }

private:
    const DeviceCalls calls_;
    const std::shared_ptr<PeerTrust> driver_;  // also of calls that go on alone
    IoctlLine line_;
};

}  // namespace pf::os
