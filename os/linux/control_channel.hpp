// DeviceChannel over a SOCK_SEQPACKET connection (proto/transport.hpp). Internal to os/linux.
#pragma once

#include <pf/os/device_channel.hpp>
#include <pf/os/peer_trust.hpp>

#include "request_line.hpp"

namespace pf::os {

class ControlChannel final : public DeviceChannel {
public:
    // See RequestLine; `driver` is the process at the other end of `socket`.
    ControlChannel(Handle socket, Process driver, Event wake)
        : driver_(std::move(driver)),
          line_(std::move(socket), driver_.process(), std::move(wake)) {}

    Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                             std::span<std::byte> output, const Patience& patience,
                             Remark* remark = nullptr) override;
    Result<std::vector<std::uint64_t>> give_all(std::span<const Gift> gifts,
                                                const Patience& patience) override;
    Result<void> close_remote(std::uint64_t value, const Patience& patience) override;
    const Process& driver_process() const override { return driver_.process(); }
    Result<void> trust(std::uint32_t pid) override { return driver_.trust(pid); }

private:
    PeerTrust driver_;
    RequestLine line_;
};

}  // namespace pf::os
