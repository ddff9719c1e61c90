#include "fault_desk.hpp"

#include <algorithm>
#include <cstring>

#include <pf/proto/control.hpp>

namespace pf::driver {

using Way = FaultDesk::Verdict::Way;

void FaultDesk::set(const wdmsim::OperationFault& fault) {
    const std::lock_guard locked(mutex_);
    if (fault.kind == wdmsim::kNoFault) {
        faults_.erase(fault.code);
    } else {
        faults_[fault.code] = fault;
    }
}

void FaultDesk::set_reported_version(std::uint32_t version) {
    const std::lock_guard locked(mutex_);
    reported_version_ = version;
}

void FaultDesk::clear() {
    const std::lock_guard locked(mutex_);
    faults_.clear();
    reported_version_ = 0;
}

FaultDesk::Verdict FaultDesk::judge(RequestNumber number, std::uint32_t code) {
    const std::lock_guard locked(mutex_);
    Served served{.tells_version = code == proto::kIoctlGetInfo && reported_version_ != 0};
    Verdict verdict;
    if (const auto found = faults_.find(code); found != faults_.end()) {
        auto& fault = found->second;
        switch (fault.kind) {
            case wdmsim::kRefuse: verdict = {Way::refuse, fault.value}; break;
            case wdmsim::kNeverAnswer: verdict.way = Way::swallow; break;
            case wdmsim::kDieUnserved: verdict.way = Way::die; break;
            case wdmsim::kDieServed: served.dies = true; break;
            default: served.most_bytes = fault.value; break;
        }
        if (fault.times != 0 && --fault.times == 0) {
            faults_.erase(found);
        }
    }
    if (verdict.way == Way::serve &&
        (served.tells_version || served.dies || served.most_bytes != SIZE_MAX)) {
        served_.emplace(number, served);
    }
    return verdict;
}

FaultDesk::Reply FaultDesk::alter(RequestNumber number, std::span<std::byte> output) {
    const std::lock_guard locked(mutex_);
    const auto served = served_.extract(number);
    if (!served) {
        return {.bytes = output.size()};
    }
    if (served.mapped().tells_version && output.size() >= sizeof(proto::InfoReply)) {
        const std::uint32_t version = reported_version_;
        std::memcpy(output.data() + offsetof(proto::InfoReply, protocol_version), &version,
                    sizeof version);
    }
    return {served.mapped().dies, std::min(output.size(), served.mapped().most_bytes)};
}

}  // namespace pf::driver
