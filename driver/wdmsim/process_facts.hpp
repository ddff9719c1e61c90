// What handles this process has.
#pragma once

#include <cstdint>

#include "fault_codes.hpp"

namespace pf::driver {

wdmsim::HandleFacts describe_handle(std::uint64_t value);

// Ends the process here and now, without a last word to anybody.
[[noreturn]] void end_process(std::uint32_t exit_code);

}  // namespace pf::driver
