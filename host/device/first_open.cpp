#include "device/first_open.hpp"

#include <mutex>
#include <set>

namespace pf::host {

bool first_open_in_this_process(const std::string& instance) {
    static std::mutex mutex;
    static std::set<std::string> opened;
    const std::lock_guard lock(mutex);
    return opened.insert(instance).second;
}

}  // namespace pf::host
