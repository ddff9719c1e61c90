#include "process_state.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <pf/os/clock.hpp>

namespace pf::hostile {
namespace {

std::string root_of(std::uint32_t pid) {
    return "/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid));
}

// "socket:[1234]" names no socket that comes again.
std::string without_number(const std::string& target) {
    const auto bracket = target.find(":[");
    const bool counted = bracket != std::string::npos && target.back() == ']' &&
                         target.find_first_not_of("0123456789", bracket + 2) == target.size() - 1;
    return counted ? target.substr(0, bracket) : target;
}

std::map<std::string, int> descriptors_of(const std::string& root) {
    std::map<std::string, int> found;
    std::error_code error;
    for (std::filesystem::directory_iterator it(root + "/fd", error), end; !error && it != end;
         it.increment(error)) {
        std::error_code gone;
        const std::string target = std::filesystem::read_symlink(it->path(), gone).string();
        const bool look = target.rfind("/proc/", 0) == 0;          // this one
        const bool closed = target.find("/memfd:pf-closed") == 0;  // by the watch on close(2)
        if (!gone && !look && !closed) {
            ++found[without_number(target)];
        }
    }
    return found;
}

std::map<std::string, int> mappings_of(const std::string& root) {
    std::map<std::string, int> found;
    std::ifstream maps(root + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::string range, rights, offset, device, inode, name;
        words >> range >> rights >> offset >> device >> inode;
        std::getline(words >> std::ws, name);
        if (inode == "0" || name.empty()) {
            continue;
        }
        const auto dash = range.find('-');
        const auto bytes = std::strtoull(range.c_str() + dash + 1, nullptr, 16) -
                           std::strtoull(range.c_str(), nullptr, 16);
        std::string key = rights;
        key.append(" ").append(name).append(" ").append(std::to_string(bytes));
        ++found[key];
    }
    return found;
}

void tell(const char* what, const std::map<std::string, int>& before,
          const std::map<std::string, int>& after, std::string& out) {
    std::map<std::string, int> change = after;
    for (const auto& [name, count] : before) {
        change[name] -= count;
    }
    for (const auto& [name, count] : change) {
        if (count != 0) {
            out += std::string(what) + " " + (count > 0 ? "+" : "") + std::to_string(count) + " " +
                   name + "\n";
        }
    }
}

}  // namespace

ProcessState process_state(std::uint32_t pid) {
    const std::string root = root_of(pid);
    return {descriptors_of(root), mappings_of(root)};
}

std::string difference(const ProcessState& before, const ProcessState& after) {
    std::string text;
    tell("descriptor", before.descriptors, after.descriptors, text);
    tell("mapping", before.mappings, after.mappings, text);
    return text;
}

std::string settle(const ProcessState& before, std::uint32_t pid, std::int64_t deadline_ns) {
    for (;;) {
        std::string text = difference(before, process_state(pid));
        if (text.empty() || os::now_ns() >= deadline_ns) {
            return text;
        }
        os::sleep_until(os::deadline_after(5 * os::kMillisecond));
    }
}

}  // namespace pf::hostile
