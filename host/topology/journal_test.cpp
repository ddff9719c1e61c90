#include "topology/journal.hpp"

#include <random>

#include <gtest/gtest.h>

#include "topology/test/screens.hpp"

namespace pf::host {
namespace {

using namespace test;

const std::vector<Screen> kTwo{{{0xFFFF'FFFF'0000'0001, 0x8000'0000}, "\\\\?\\DISPLAY#X#{1}"},
                               {kBeamer, ""}};

TEST(Journal, ComesBackAsItWent) {
    EXPECT_EQ(read_journal(write_journal(kTwo)), kTwo);
    EXPECT_EQ(read_journal(write_journal({})), std::vector<Screen>());
}

TEST(Journal, NoPieceOfItIsAJournal) {
    const std::string text = write_journal(kTwo);
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(read_journal(std::string_view(text).substr(0, size))) << size;
    }
    EXPECT_FALSE(read_journal(text + "x"));
    EXPECT_FALSE(read_journal(text + text));
}

TEST(Journal, AnotherVersionIsNoJournal) {
    EXPECT_FALSE(read_journal("pf-vdisplay screens 2\nend 0\n"));
}

TEST(Journal, NumbersThatDoNotFitAreNoJournal) {
    const auto one = [](const std::string& line) {
        return read_journal("pf-vdisplay screens 1\nscreen " + line + "\nend 1\n");
    };
    EXPECT_TRUE(one("1 2 m"));
    EXPECT_TRUE(one("1 2 "));
    for (const char* line :
         {"1 2", "-1 2 m", "+1 2 m", "1 4294967296 m", "18446744073709551616 2 m", "1 2 a b",
          "1 2 a\tb", "1  2 m", "0x1 2 m", ""}) {
        EXPECT_FALSE(one(line)) << line;
    }
    EXPECT_FALSE(one("1 2 " + std::string(kMostMonitorBytes + 1, 'm')));
}

TEST(Journal, AMonitorsNameThatIsNoNameIsLeftOut) {
    const auto read = read_journal(write_journal({{kPanel, "a\nend 0"}, {kPanel, "a b"}}));
    ASSERT_TRUE(read);
    EXPECT_EQ((*read)[0].monitor, "");
    EXPECT_EQ((*read)[1].monitor, "");
}

TEST(Journal, HasABound) {
    const std::vector<Screen> many(kMostJournalScreens + 1,
                                   Screen{kPanel, std::string(kMostMonitorBytes, 'm')});
    const std::string text = write_journal(many);
    EXPECT_LE(text.size(), kMostJournalBytes);
    EXPECT_EQ(read_journal(text).value().size(), kMostJournalScreens);
    std::string more = "pf-vdisplay screens 1\n";
    for (int i = 0; i < 65; ++i) {
        more += "screen 1 2 m\n";
    }
    EXPECT_FALSE(read_journal(more + "end 65\n"));
}

TEST(Journal, WhateverItHoldsReadingItEnds) {
    std::mt19937 random(1);
    const std::string text = write_journal(kTwo);
    for (int i = 0; i < 20'000; ++i) {
        std::string damaged = text;
        for (std::uint32_t changes = 1 + random() % 4; changes > 0; --changes) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        if (const auto read = read_journal(damaged)) {
            EXPECT_EQ(read_journal(write_journal(*read)), read);
        }
    }
}

}  // namespace
}  // namespace pf::host
