#include "inf_text.hpp"

#include <gtest/gtest.h>

namespace pf::os {
namespace {

constexpr std::string_view kText =
    "; a comment with Root\\other\r\n"
    "[Version]\r\n"
    "Signature=\"$WINDOWS NT$\"\r\n"
    " DriverVer = 11/25/2026 , 0.12.3 ; small\r\n"
    "[Models.NTamd64]\r\n"
    "%Name%=Install,Root\\PF_vdisplay\r\n";

std::string as_utf16(std::string_view text) {
    std::string bytes = "\xFF\xFE";
    for (const char c : text) {
        bytes += c;
        bytes += '\0';
    }
    return bytes;
}

TEST(InfText, EveryEncodingSaysTheSame) {
    for (const std::string& bytes :
         {std::string(kText), "\xEF\xBB\xBF" + std::string(kText), as_utf16(kText)}) {
        const std::string text = decode_inf(bytes);
        EXPECT_TRUE(names_hardware_id(text, "Root\\pf_vdisplay"));
        EXPECT_EQ(driver_version(text), "0.12.3.0");
    }
}

TEST(InfText, AnIdIsAWordOfItsOwnAndNoComment) {
    EXPECT_FALSE(names_hardware_id(kText, "Root\\other"));
    EXPECT_FALSE(names_hardware_id("x=Install,Root\\pf_vdisplay2\n", "Root\\pf_vdisplay"));
    EXPECT_FALSE(names_hardware_id("x=Install,My-Root\\pf_vdisplay\n", "Root\\pf_vdisplay"));
    EXPECT_TRUE(names_hardware_id("x=Install,\"Root\\pf_vdisplay\"", "Root\\pf_vdisplay"));
    EXPECT_TRUE(names_hardware_id("x=\"a;b\",Root\\pf_vdisplay", "Root\\pf_vdisplay"));
}

TEST(InfText, AVersionIsReadInItsSectionOnly) {
    EXPECT_EQ(driver_version("[Other]\nDriverVer=1/1/2026,9.9\n"), "");
    EXPECT_EQ(driver_version("[Version]\nDriverVer=1/1/2026\n"), "");
    EXPECT_EQ(driver_version("[Version]\nDriverVer=1/1/2026,x\n"), "");
    EXPECT_EQ(driver_version("[version]\ndriverver=1/1/2026,1.2.3.4"), "1.2.3.4");
}

TEST(InfText, BrokenBytesAreNoTrouble) {
    EXPECT_EQ(decode_inf("\xFF\xFE\x41"), "");
    EXPECT_EQ(decode_inf(""), "");
    EXPECT_EQ(driver_version(std::string(64, '\0')), "");
    EXPECT_EQ(decode_inf(std::string_view("\xFF\xFE\x41\x01", 4)), "?");
}

}  // namespace
}  // namespace pf::os
