#include "device_path.hpp"

#include <gtest/gtest.h>

namespace pf::os {
namespace {

constexpr const char* kGuid = "#{70667664-7044-5350-a1b2-c3d4e5f60001}";

std::string path(const std::string& device, const std::string& reference = {}) {
    return "\\\\?\\" + device + kGuid + (reference.empty() ? "" : "\\" + reference);
}

TEST(DevicePath, TellsTheInstanceId) {
    const DevicePath parsed = parse_device_path(path("ROOT#DISPLAY#0000"));
    EXPECT_EQ(parsed.instance_id, "ROOT\\DISPLAY\\0000");
    EXPECT_EQ(parsed.reference, "");
    EXPECT_EQ(parse_device_path(path("root#display#00ab")).instance_id, "ROOT\\DISPLAY\\00AB");
    EXPECT_EQ(parse_device_path(path("ROOT#DISPLAY#0100")).instance_id, "ROOT\\DISPLAY\\0100");
    EXPECT_EQ(parse_device_path(path("PCI#VEN_1&DEV_2#3&4&0#{x")).instance_id,
              "PCI\\VEN_1&DEV_2\\3&4&0");
}

TEST(DevicePath, TellsTheReference) {
    EXPECT_EQ(parse_device_path(path("ROOT#DISPLAY#0000", "Second")).reference, "Second");
}

TEST(DevicePath, WhatIsNoPathHasNoInstance) {
    for (const char* text :
         {"", "\\\\?\\", "ROOT#DISPLAY#0000#{", "\\\\?\\ROOT#DISPLAY#0000", "#{", "\\\\?#{"}) {
        EXPECT_EQ(parse_device_path(text).instance_id, "") << text;
    }
}

TEST(DevicePath, NamesAreUnambiguous) {
    const std::string a = path("ROOT#DISPLAY#0000");
    const std::string b = path("ROOT#DISPLAY#0001");
    const std::string b2 = path("ROOT#DISPLAY#0001", "second");
    EXPECT_EQ(name_device_paths({a, b, b2}),
              (std::vector<std::string>{"ROOT\\DISPLAY\\0000", "ROOT\\DISPLAY\\0001",
                                        "ROOT\\DISPLAY\\0001\\second"}));
    EXPECT_EQ(name_device_paths({b2}), std::vector<std::string>{"ROOT\\DISPLAY\\0001"});
    const std::string other = "\\\\?\\root#display#0000#{70667664-0000}";
    EXPECT_EQ(name_device_paths({a, other}), (std::vector<std::string>{a, other}));
    EXPECT_EQ(name_device_paths({"odd"}), std::vector<std::string>{"odd"});
}

}  // namespace
}  // namespace pf::os
