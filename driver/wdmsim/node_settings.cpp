#include "node_settings.hpp"

#include <windows.h>

#include <array>

namespace pf::driver {
namespace {

class Key {
public:
    explicit Key(const std::string& path) {
        RegOpenKeyExA(HKEY_LOCAL_MACHINE, path.c_str(), 0, KEY_QUERY_VALUE, &key_);
    }
    ~Key() {
        if (key_ != nullptr) {
            RegCloseKey(key_);
        }
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    std::uint32_t number(const char* name, std::uint32_t absent) const {
        DWORD value = 0, size = sizeof value;
        return RegGetValueA(key_, nullptr, name, RRF_RT_REG_DWORD, nullptr, &value, &size) ==
                       ERROR_SUCCESS
                   ? value
                   : absent;
    }
    std::string text(const char* name) const {
        std::array<char, 1024> value{};
        DWORD size = value.size();
        const auto read =
            RegGetValueA(key_, nullptr, name, RRF_RT_REG_SZ, nullptr, value.data(), &size);
        return read == ERROR_SUCCESS ? value.data() : "";
    }

private:
    HKEY key_ = nullptr;
};

}  // namespace

NodeSettings read_node_settings(const std::string& instance_id) {
    const Key key("SYSTEM\\CurrentControlSet\\Enum\\" + instance_id + "\\Device Parameters");
    NodeSettings settings;
    settings.protocol_version = key.number("Protocol", settings.protocol_version);
    settings.hidden = key.number("Hidden", 0) != 0;
    settings.hold_opens = key.number("HoldOpens", 0) != 0;
    settings.pattern.mode = parse_pattern_mode(key.text("Pattern")).value_or(settings.pattern.mode);
    settings.pattern.dxgi_format =
        parse_pixel_format(key.text("Format")).value_or(settings.pattern.dxgi_format);
    settings.log_file = key.text("Log");
    return settings;
}

}  // namespace pf::driver
