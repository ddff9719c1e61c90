// Every JSON text that pfvd prints, each one object and a newline. Pure.
#pragma once

#include <string>
#include <vector>

#include <pf/host/discovery.hpp>
#include <pf/os/driver_package.hpp>

#include "bench_report.hpp"
#include "capture_summary.hpp"
#include "demo_checks.hpp"

namespace pf::cli {

std::string to_json(const CaptureSummary& summary);  // one line
std::string to_json(const DemoOutcome& outcome);     // one line; the summary's fields and more
std::string to_json(const std::vector<host::InstanceReport>& reports);
std::string to_json(const std::vector<BenchCase>& cases);
std::string to_json(const os::DriverInventory& inventory);
std::string to_json(const os::InstallReport& report);  // one line
std::string to_json(const os::ChangeReport& report);   // one line

}  // namespace pf::cli
