// Samples of one quantity, for percentiles at the end. Keeps every sample up to a limit, then
// every second one, and so on: memory stays bounded over a capture of days. One thread.
#pragma once

#include <cstdint>
#include <vector>

namespace pf::rig {

struct Percentiles {
    double p50 = 0;
    double p99 = 0;
    double max = 0;
};

class Series {
public:
    static constexpr std::size_t kLimit = 1 << 16;

    void add(double sample);
    std::uint64_t count() const { return count_; }
    Percentiles percentiles() const;  // zeros without a sample; max is of all that came

private:
    std::vector<double> samples_;
    std::uint64_t count_ = 0;
    std::uint64_t stride_ = 1;
    double max_ = 0;
};

// The smallest sample that at least `share` (0..1) of all do not exceed. Sorts.
double percentile(std::vector<double>& samples, double share);

}  // namespace pf::rig
