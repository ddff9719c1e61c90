// What the driver's status words mean (NTSTATUS), and the names of its operations.
// Internal to os/.
#pragma once

#include <cstdint>
#include <string_view>

#include <pf/os/device_channel.hpp>
#include <pf/os/result.hpp>

namespace pf::os {

// `status` is an NTSTATUS other than success. Unknown ones are reject.
Reaction reaction_of_status(std::uint32_t status);

// The driver completed control operation `code` with `status`, and said `remark`.
tl::unexpected<Error> fail_status(std::uint32_t code, std::uint32_t status, const Remark& remark);

// The operation's name, a literal; "control operation" when the contract does not name the code.
const char* operation_name(std::uint32_t code);

// "STATUS_NOT_FOUND"; empty when unknown.
std::string_view status_name(std::uint32_t status);

}  // namespace pf::os
