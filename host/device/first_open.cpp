#include "device/first_open.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace pf::host {
namespace {

struct FirstOpen {
    std::mutex mutex;
    bool cleared = false;  // mutex
};

std::shared_ptr<FirstOpen> first_open_of(const std::string& instance) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<FirstOpen>> all;
    const std::lock_guard lock(mutex);
    auto& entry = all[instance];
    if (entry == nullptr) {
        entry = std::make_shared<FirstOpen>();
    }
    return entry;
}

}  // namespace

os::Result<void> clear_once_in_this_process(const std::string& instance,
                                            const std::function<os::Result<void>()>& clear) {
    const auto first = first_open_of(instance);
    const std::lock_guard lock(first->mutex);
    if (first->cleared) {
        return {};
    }
    auto done = clear();
    first->cleared = done.has_value();
    return done;
}

}  // namespace pf::host
