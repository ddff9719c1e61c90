#include "test/process_facts.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace pf::host::test {
namespace {

std::size_t entries(const std::string& directory) {
    std::error_code gone;
    const std::filesystem::directory_iterator all(directory, gone);
    return gone ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t shared_mappings(const std::string& process) {
    std::ifstream maps(process + "/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
        count += line.find("/memfd:") != std::string::npos ? 1 : 0;
    }
    return count;
}

std::size_t private_kib(const std::string& process) {
    std::ifstream status(process + "/status");
    std::size_t sum = 0;
    for (std::string line; std::getline(status, line);) {
        std::istringstream fields(line);
        std::string name;
        std::size_t kib = 0;
        fields >> name >> kib;
        sum += name == "RssAnon:" || name == "RssFile:" ? kib : 0;
    }
    return sum;
}

}  // namespace

ProcessFacts facts_of(std::uint32_t pid) {
    const std::string process = "/proc/" + std::to_string(pid);
    return {entries(process + "/fd"), entries(process + "/task"), shared_mappings(process),
            private_kib(process)};
}

}  // namespace pf::host::test
