// Whether what a caller asks for can be had at all, before anything is done about it. Pure.
#pragma once

#include <pf/host/displays.hpp>
#include <pf/host/session.hpp>

namespace pf::host {

// Each error names the option and its range. Reject: a value that a person may have typed (mode,
// client_id, format). Bug: a time or a policy that makes no sense.
os::Result<void> check_options(const SessionOptions& options);
os::Result<void> check_options(const DisplaysOptions& options);

}  // namespace pf::host
