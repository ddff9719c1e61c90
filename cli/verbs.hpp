// The verbs, one file each. Each returns the exit code and has told what went wrong.
#pragma once

#include "options.hpp"

namespace pf::cli {

int run(const DemoOptions& options);
int run(const CaptureOptions& options);
int run(const ListOptions& options);
int run(const DriverOptions& options);
int run(const DriverInstallOptions& options);
int run(const DriverRemoveOptions& options);
int run(const DriverStatusOptions& options);
int run(const DriverRestartOptions& options);
int run(const DriverReapOptions& options);
int run(const TopologyRestoreOptions& options);
int run(const EdidOptions& options);
int run(const ContractOptions& options);
int run(const BenchOptions& options);

}  // namespace pf::cli
