// What `pfvd bench` measured, in numbers and in ratios against the floor of the same minute on the
// same machine. Pure.
#pragma once

#include <string>
#include <vector>

#include <pf/host/mode.hpp>
#include <pf/rig/series.hpp>

namespace pf::cli {

struct BenchSide {
    double p50_us = 0;  // published until readable
    double p99_us = 0;
    double fps = 0;  // received
    double cpu = 0;  // of the consumer, share of one processor
};

struct BenchCase {
    host::Mode mode;
    bool saturated = false;  // asks for more than the machine gives: fps is what counts
    double memcpy_limit_fps = 0;
    BenchSide floor;
    BenchSide ring;
};

double ratio(double ours, double floor);  // 0 without a floor
std::string to_text(const std::vector<BenchCase>& cases);

}  // namespace pf::cli
