#include "device_path.hpp"

#include <algorithm>

namespace pf::os {

namespace {

constexpr std::string_view kPrefix = "\\\\?\\";

// ASCII only: the system compares ids without their case, and another letter keeps its own.
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool shared(const std::vector<std::string>& names, const std::string& name) {
    return std::count(names.begin(), names.end(), name) > 1;
}

}  // namespace

DevicePath parse_device_path(std::string_view path) {
    // The interface class is the last part; an instance id has two or three before it.
    const std::size_t guid = path.find("#{");
    if (!path.starts_with(kPrefix) || guid == std::string_view::npos || guid < kPrefix.size()) {
        return {};
    }
    DevicePath parsed;
    parsed.instance_id = path.substr(kPrefix.size(), guid - kPrefix.size());
    std::replace(parsed.instance_id.begin(), parsed.instance_id.end(), '#', '\\');
    std::transform(parsed.instance_id.begin(), parsed.instance_id.end(), parsed.instance_id.begin(),
                   upper);
    const std::size_t reference = path.find('\\', guid);
    if (reference != std::string_view::npos) {
        parsed.reference = path.substr(reference + 1);
    }
    return parsed;
}

std::vector<std::string> name_device_paths(const std::vector<std::string>& paths) {
    std::vector<std::string> ids;
    std::vector<std::string> with_reference;
    for (const std::string& path : paths) {
        const DevicePath parsed = parse_device_path(path);
        ids.push_back(parsed.instance_id.empty() ? path : parsed.instance_id);
        with_reference.push_back(ids.back() + (parsed.reference.empty() ? "" : "\\") +
                                 parsed.reference);
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const std::string& longer =
            shared(with_reference, with_reference[i]) ? paths[i] : with_reference[i];
        names.push_back(shared(ids, ids[i]) ? longer : ids[i]);
    }
    return names;
}

}  // namespace pf::os
