#include "ioctl_channel.hpp"

#include <algorithm>
#include <cstring>

#include <pf/proto/control.hpp>

#include "bounded_call.hpp"
#include "device_codes.hpp"
#include "image_path_policy.hpp"
#include "ioctl_gift.hpp"
#include "native_codes.hpp"
#include "status.hpp"

namespace pf::os {

namespace {

tl::unexpected<Error> fail_call(std::uint32_t code, DWORD error) {
    if (const std::uint32_t status = status_of_native(error); status != 0) {
        return fail_status(code, status, {});
    }
    if (gone_on_device(error)) {
        return fail(operation_name(code), error, Reaction::reopen,
                    "the device or its driver is gone");
    }
    return fail(operation_name(code), error, reaction_of_native(error),
                "the device does not take the call");
}

tl::unexpected<Error> fail_unknown(const char* operation) {
    return fail(operation, 0, Reaction::bug, "the driver's process is not known yet");
}

// What takes something away is not taken back when nobody waits for it any more: an Add before it
// may have been served.
IoctlLine::Left left_behind(std::uint32_t code) {
    return code == proto::kIoctlRemove || code == proto::kIoctlClearAll
               ? IoctlLine::Left::served
               : IoctlLine::Left::cancelled;
}

}  // namespace

IoctlChannel::IoctlChannel(const DeviceCalls& calls, Handle device, std::string driver_image)
    : calls_(calls),
      driver_(
          std::make_shared<PeerTrust>([calls, image = std::move(driver_image)](std::uint32_t pid) {
              return open_driver_process(calls, pid, image);
          })),
      line_(calls, std::move(device)) {}

Result<std::size_t> IoctlChannel::call(std::uint32_t code, std::span<const std::byte> input,
                                       std::span<std::byte> output, const Patience& patience,
                                       Remark* remark) {
    auto answer =
        line_.call(code, input, output.size(), left_behind(code), patience, driver_->process());
    if (!answer) {
        answer.error().operation = operation_name(code);
        return tl::unexpected(answer.error());
    }
    if (answer->code != ERROR_SUCCESS) {
        return fail_call(code, answer->code);
    }
    if (remark != nullptr) {
        *remark = {};
    }
    std::copy(answer->output.begin(), answer->output.end(), output.begin());
    return answer->output.size();
}

Result<std::vector<std::uint64_t>> IoctlChannel::give_all(std::span<const Gift> gifts,
                                                          const Patience&) {
    const Process& driver = driver_->process();
    return driver ? give_all_to(calls_, driver, gifts) : fail_unknown("give handle");
}

// Under Wine the driver's process takes part in it, and may stand still.
Result<void> IoctlChannel::close_remote(std::uint64_t value, const Patience& patience) {
    constexpr const char* kOperation = "close given handle";
    if (!driver_->process()) {
        return fail_unknown(kOperation);
    }
    return call_within(
        kOperation,
        [calls = calls_, driver = driver_, value] {
            return close_in(calls, driver->process(), value);
        },
        patience);
}

}  // namespace pf::os
