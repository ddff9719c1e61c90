#include "readable_line.hpp"

#include <gtest/gtest.h>

namespace pf::os {
namespace {

TEST(ReadableLine, LeavesTextAlone) {
    for (const char* text : {"", "no free output", "\u00e9t\u00e9 \u65e5 \U0001F5A5", "a\u00a0b"}) {
        EXPECT_EQ(readable_line(text), text);
    }
}

TEST(ReadableLine, ControlsAreSpaces) {
    EXPECT_EQ(readable_line("a\nb\tc\x1b[31m\x7f"), "a b c [31m ");
    EXPECT_EQ(readable_line("a\xC2\x9B"
                            "31m"),
              "a 31m")
        << "C1: a terminal's other escape";
    EXPECT_EQ(readable_line(std::string_view("a\0b", 3)), "a b");
}

TEST(ReadableLine, WhatIsNoUtf8IsAskedAbout) {
    EXPECT_EQ(readable_line("\xff\x80z"), "??z");
    EXPECT_EQ(readable_line("\xc0\xaf"), "??") << "overlong";
    EXPECT_EQ(readable_line("\xed\xa0\x80"), "???") << "a surrogate";
    EXPECT_EQ(readable_line("\xf4\x90\x80\x80"), "????") << "behind the last character";
    EXPECT_EQ(readable_line("cut \xe6\x97"), "cut ??");
    EXPECT_EQ(readable_line("\xe0\x80\xaf"), "???");
    EXPECT_EQ(readable_line("\xf0\x80\x80\xaf"), "????");
}

}  // namespace
}  // namespace pf::os
