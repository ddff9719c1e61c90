#include <pf/rig/series.hpp>

#include <algorithm>
#include <cmath>

namespace pf::rig {

void Series::add(double sample) {
    max_ = count_ == 0 ? sample : std::max(max_, sample);
    if (count_++ % stride_ != 0) {
        return;
    }
    samples_.push_back(sample);
    if (samples_.size() == kLimit) {
        for (std::size_t i = 0; i < kLimit / 2; ++i) {
            samples_[i] = samples_[i * 2];
        }
        samples_.resize(kLimit / 2);
        stride_ *= 2;
    }
}

Percentiles Series::percentiles() const {
    if (count_ == 0) {
        return {};
    }
    std::vector<double> sorted = samples_;
    return {percentile(sorted, 0.50), percentile(sorted, 0.99), max_};
}

double percentile(std::vector<double>& samples, double share) {
    if (samples.empty()) {
        return 0;
    }
    std::sort(samples.begin(), samples.end());
    const double rank = std::ceil(share * static_cast<double>(samples.size()));
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return samples[std::min(index, samples.size() - 1)];
}

}  // namespace pf::rig
