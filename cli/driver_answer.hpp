// Whether a driver that was just installed answers its protocol.
#pragma once

#include <cstdint>
#include <vector>

#include <pf/host/discovery.hpp>

namespace pf::cli {

// Pure: success when one is usable; else host::kProtocolMismatch or host::kNoDriver, with the
// reason of each instance.
os::Result<void> judge_answers(const std::vector<host::InstanceReport>& reports);

// Looks again until one answers, one answers with a version that we do not speak, an interrupt
// comes, or `budget_ns` is over.
os::Result<void> await_answer(std::int64_t budget_ns);

}  // namespace pf::cli
