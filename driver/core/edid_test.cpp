// The EDID's bytes, and what edid-decode, the tool that the field checks EDIDs with, says of them.
#include <pf/core/edid.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <pf/proto/luminance.hpp>

#include "test/test_random.hpp"

namespace pf::core {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Mode kModes[] = {{1, 1, 1},
                       {1, 1, 60},
                       {1, 1, 1000},
                       {5, 3, 7},
                       {64, 64, 60},
                       {320, 240, 60},
                       {640, 480, 60},
                       {800, 600, 75},
                       {1024, 768, 60},
                       {1280, 720, 60},
                       {1280, 800, 90},
                       {1366, 768, 60},
                       {1920, 1080, 24},
                       {1920, 1080, 30},
                       {1920, 1080, 50},
                       {1920, 1080, 60},
                       {1920, 1080, 120},
                       {1920, 1080, 144},
                       {1920, 1080, 240},
                       {1920, 1080, 360},
                       {1920, 1080, 1000},
                       {1920, 1200, 60},
                       {2560, 1440, 60},
                       {2560, 1440, 120},
                       {2560, 1440, 165},
                       {2560, 1440, 240},
                       {3440, 1440, 144},
                       {3840, 2160, 30},
                       {3840, 2160, 60},
                       {3840, 2160, 120},
                       {3840, 2160, 144},
                       {5120, 1440, 240},
                       {7680, 4320, 30},
                       {7680, 4320, 60},
                       {7680, 4320, 120},
                       {16384, 16384, 1},
                       {16384, 16384, 60},
                       {16384, 16384, 62},
                       {16384, 16384, 1000},
                       {1, 16384, 1},
                       {16384, 1, 1000},
                       {4095, 4095, 1},
                       {4095, 4095, 38},
                       {4096, 4095, 1},
                       {4095, 1, 1},
                       {4096, 1, 1},
                       {1, 4096, 1000},
                       {1080, 1920, 60},
                       {999, 777, 77},
                       {1367, 769, 61},
                       {333, 4001, 3},
                       // Rates that are no whole hertz.
                       {1920, 1080, 60, 59940},
                       {1920, 1080, 24, 23976},
                       {1920, 1080, 30, 29970},
                       {3840, 2160, 60, 59940},
                       {3840, 2160, 120, 119880},
                       {5120, 1440, 240, 239760},
                       {1, 1, 1, 1499},
                       {16384, 16384, 61, 61499},
                       {640, 480, 60, 59940}};

const Luminance kLuminances[] = {{},
                                 {1000, 400, 50},
                                 {10000, 0, 0},
                                 {1, 5000, 90000},
                                 {80, 80, 1},
                                 {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}};

Bytes edid(std::uint32_t serial, const Mode& mode, const Luminance& luminance = {}) {
    const Edid made = Edid::make(serial, mode, luminance);
    return {made.bytes().begin(), made.bytes().end()};
}

std::string name(const Mode& mode) {
    return std::to_string(mode.width) + "x" + std::to_string(mode.height) + "@" +
           std::to_string(mode.millihertz()) + " mHz";
}

double exact_hz(const Mode& mode) {
    return mode.millihertz() / 1000.0;
}

// A folder of the test's own, gone with it.
class Folder {
public:
    Folder() {
        std::string path = (std::filesystem::temp_directory_path() / "edid_test.XXXXXX").string();
        path_ = mkdtemp(path.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::filesystem::path operator/(const char* leaf) const { return path_ / leaf; }

private:
    std::filesystem::path path_;
};

std::string checked(const Folder& folder, const Bytes& bytes) {
    const auto file = folder / "edid.bin";
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    const std::string command = "edid-decode --check '" + file.string() + "' 2>&1";
    std::string output;
    if (FILE* pipe = popen(command.c_str(), "r")) {
        std::array<char, 4096> chunk;
        for (std::size_t n; (n = fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
            output.append(chunk.data(), n);
        }
        pclose(pipe);
    }
    return output;
}

TEST(Edid, PassesTheConformityCheckForEveryMode) {
    const Folder folder;
    std::uint32_t serial = 0;
    for (const Mode& mode : kModes) {
        for (const Luminance& luminance : kLuminances) {
            serial = serial % 15 + 1;
            const std::string output = checked(folder, edid(serial, mode, luminance));
            EXPECT_NE(output.find("EDID conformity: PASS"), std::string::npos)
                << name(mode) << " max " << luminance.max_nits << '\n'
                << output;
        }
    }
}

TEST(Edid, PassesTheConformityCheckForAnyMode) {
    const Folder folder;
    TestRandom random(11);
    for (int i = 0; i < 150; ++i) {
        const std::uint32_t most = random.below(2) == 0 ? 16384 : 4000;
        const std::uint32_t millihertz = 1000 + random.below(999'001);
        const Mode mode{1 + random.below(most), 1 + random.below(most), (millihertz + 500) / 1000,
                        random.below(2) == 0 ? millihertz : 0};
        const Luminance luminance{random.below(2000), random.below(2000), random.below(3000)};
        const std::string output = checked(folder, edid(1 + random.below(15), mode, luminance));
        EXPECT_NE(output.find("EDID conformity: PASS"), std::string::npos) << name(mode) << '\n'
                                                                           << output;
    }
}

TEST(Edid, PassesTheConformityCheckForEverySerial) {
    const Folder folder;
    std::vector<std::uint32_t> serials{0x01010101, 0x80000000, 0xFFFFFFFF};
    for (std::uint32_t serial = 0; serial <= 15; ++serial) {
        serials.push_back(serial);
    }
    for (const std::uint32_t serial : serials) {
        for (const Mode& mode : {Mode{1920, 1080, 60}, Mode{3840, 2160, 144}}) {
            EXPECT_NE(checked(folder, edid(serial, mode)).find("EDID conformity: PASS"),
                      std::string::npos)
                << serial;
        }
    }
}

TEST(Edid, IsReadAsTheModeThatWasAskedFor) {
    const Folder folder;
    const struct {
        Mode mode;
        const char* line;
    } rows[] = {{{1920, 1080, 60}, "DTD 1:  1920x1080   60.000866 Hz"},
                {{1, 1, 1}, "DTD 1:     1x1"},
                {{1920, 1080, 60, 59940}, "DTD 1:  1920x1080   59.940229 Hz"},
                {{1920, 1080, 24, 23976}, "DTD 1:  1920x1080   23.977"},
                {{3840, 2160, 144, 143856}, "DTD:  3840x2160  143.856"},
                {{5120, 1440, 240}, "DTD:  5120x1440  240.000000 Hz"},
                {{16384, 16384, 1000}, "DTD: 16384x16384  60.999999 Hz"}};
    for (const auto& row : rows) {
        const std::string output = checked(folder, edid(3, row.mode));
        EXPECT_NE(output.find(row.line), std::string::npos) << output;
    }
}

TEST(Edid, EveryBlockSumsToZero) {
    for (const Mode& mode : kModes) {
        const Bytes bytes = edid(1, mode);
        ASSERT_TRUE(bytes.size() == 256 || bytes.size() == 384) << name(mode);
        EXPECT_EQ(bytes[0x7E] + 1U, bytes.size() / 128);
        for (auto block = bytes.begin(); block != bytes.end(); block += 128) {
            EXPECT_EQ(std::accumulate(block, block + 128, 0U) % 256, 0U) << name(mode);
        }
    }
}

TEST(Edid, SaysWhoItIs) {
    const Bytes bytes = edid(0x01020304, {1920, 1080, 60});
    EXPECT_EQ(Bytes(bytes.begin() + 8, bytes.begin() + 10), (Bytes{0x41, 0xCB}));
    EXPECT_EQ(Bytes(bytes.begin() + 12, bytes.begin() + 16), (Bytes{4, 3, 2, 1}));
    EXPECT_EQ(Bytes(bytes.begin() + 18, bytes.begin() + 20), (Bytes{1, 4}));
}

// The clock, active and total sizes of the first detailed timing, by the standard's layout.
TEST(Edid, TheFirstTimingIsTheModeWhereItFits) {
    for (const Mode& mode : kModes) {
        const Bytes bytes = edid(1, mode);
        const bool fits = mode.width <= 4095 && mode.height <= 4095 &&
                          (mode.width + 160.0) * (mode.height + 30.0) * exact_hz(mode) <= 655.35e6;
        ASSERT_EQ(bytes.size(), fits ? 256U : 384U) << name(mode);
        if (!fits) {
            continue;
        }
        const std::uint8_t* t = &bytes[0x36];
        const std::uint32_t width = t[2] | (t[4] & 0xF0U) << 4;
        const std::uint32_t height = t[5] | (t[7] & 0xF0U) << 4;
        const std::uint32_t h_total = width + (t[3] | (t[4] & 0x0FU) << 8);
        const std::uint32_t v_total = height + (t[6] | (t[7] & 0x0FU) << 8);
        const double hz = (t[0] | t[1] << 8) * 10000.0 / h_total / v_total;
        EXPECT_EQ(width, mode.width);
        EXPECT_EQ(height, mode.height);
        EXPECT_NEAR(hz, exact_hz(mode), exact_hz(mode) * 0.001) << name(mode);
    }
}

TEST(Edid, TheDisplayIdTimingIsTheModeWhereItDoesNot) {
    for (const Mode& mode : kModes) {
        const Bytes bytes = edid(1, mode);
        if (bytes.size() == 256) {
            continue;
        }
        const auto block = bytes.begin() + 256;
        const Bytes tag{0x22, 0, 20};
        const auto found = std::search(block, bytes.end(), tag.begin(), tag.end());
        ASSERT_NE(found, bytes.end());
        const std::uint8_t* t = &*found + 3;
        const auto word = [&](int i) { return 1U + (t[i] | t[i + 1] << 8); };
        const double clock = (1.0 + (t[0] | t[1] << 8 | t[2] << 16)) * 1000;
        const double hz = clock / (word(4) + word(6)) / (word(12) + word(14));
        const double sayable = 16'777'216'000.0 / (word(4) + word(6)) / (word(12) + word(14));
        EXPECT_EQ(t[3] & 0x80, 0x80) << "preferred";
        EXPECT_EQ(word(4), mode.width);
        EXPECT_EQ(word(12), mode.height);
        const double wanted = exact_hz(mode) <= sayable ? exact_hz(mode) : std::floor(sayable);
        EXPECT_NEAR(hz, wanted, wanted * 0.001) << name(mode);
        EXPECT_EQ(block[0], 0x70);
        EXPECT_EQ(std::accumulate(block + 1, block + 127, 0U) % 256, 0U) << "section checksum";
    }
}

// How much wider than high a pixel is, or the other way round.
double stretch(const Mode& mode, double width, double height) {
    const double shape = width / mode.width / (height / mode.height);
    return std::max(shape, 1 / shape);
}

// Desktops choose their scale by the size: it has the mode's shape, in every block.
TEST(Edid, ThePicturesSizeHasTheModesShape) {
    TestRandom random(7);
    std::vector<Mode> modes(std::begin(kModes), std::end(kModes));
    for (int i = 0; i < 2000; ++i) {
        modes.push_back({1 + random.below(16384), 1 + random.below(16384), 1 + random.below(240)});
    }
    for (const Mode& mode : modes) {
        const Bytes bytes = edid(1, mode);
        const std::uint8_t* t = &bytes[0x36];
        const std::uint32_t width_mm = t[12] | (t[14] & 0xF0U) << 4;
        const std::uint32_t height_mm = t[13] | (t[14] & 0x0FU) << 8;
        ASSERT_TRUE(width_mm != 0 && height_mm != 0 && bytes[21] != 0 && bytes[22] != 0);
        if (std::max(mode.width, mode.height) > 50 * std::min(mode.width, mode.height)) {
            continue;  // what 255 whole centimetres cannot say
        }
        EXPECT_LE(stretch(mode, width_mm, height_mm), 1.1) << name(mode);
        EXPECT_LE(stretch(mode, bytes[21], bytes[22]), 1.1) << name(mode);
        EXPECT_LE(std::abs(bytes[21] * 10.0 - width_mm), 10) << name(mode);
        if (bytes.size() > 256) {
            const Bytes tag{0x21, 0, 29};
            const auto found =
                std::search(bytes.begin() + 256, bytes.end(), tag.begin(), tag.end());
            ASSERT_NE(found, bytes.end());
            EXPECT_EQ(found[3] | found[4] << 8, static_cast<int>(width_mm * 10)) << name(mode);
            EXPECT_EQ(found[5] | found[6] << 8, static_cast<int>(height_mm * 10)) << name(mode);
        }
    }
}

TEST(Edid, AnOrdinaryModeHasTheUsualDensity) {
    for (const Mode& mode : {Mode{640, 480, 60}, Mode{1024, 768, 60}, Mode{1920, 1080, 60},
                             Mode{1080, 1920, 60}, Mode{3440, 1440, 60}, Mode{7680, 4320, 30}}) {
        const Bytes bytes = edid(1, mode);
        const std::uint8_t* t = &bytes[0x36];
        const double dpi = mode.width * 25.4 / (t[12] | (t[14] & 0xF0U) << 4);
        EXPECT_NEAR(dpi, 96, 1) << name(mode);
    }
}

Bytes hdr_codes(const Luminance& luminance) {
    const Bytes bytes = edid(1, {1920, 1080, 60}, luminance);
    const Bytes tag{0xE6, 0x06, 0x05, 0x01};
    const auto found = std::search(bytes.begin() + 128, bytes.end(), tag.begin(), tag.end());
    return found == bytes.end() ? Bytes{} : Bytes(found + 4, found + 7);
}

TEST(Edid, CodesTheLuminance) {
    EXPECT_EQ(hdr_codes({}), (Bytes{0x8A, 0x60, 0x12}));
    EXPECT_EQ(hdr_codes({0, 400, 50}), (Bytes{0x8A, 0x60, 0x12})) << "nothing without a maximum";
    const std::uint8_t max = proto::cta_max_luminance_code(1000);
    EXPECT_EQ(hdr_codes({1000, 0, 0}), (Bytes{max, 0, 0}));
    EXPECT_EQ(hdr_codes({1000, 400, 50}), (Bytes{max, proto::cta_max_luminance_code(400),
                                                 proto::cta_min_luminance_code(50, max)}));
}

TEST(Edid, HasTheColorimetryBlock) {
    const Bytes bytes = edid(1, {1920, 1080, 60});
    const Bytes block{0xE3, 0x05, 0x80, 0x00};
    EXPECT_NE(std::search(bytes.begin() + 128, bytes.end(), block.begin(), block.end()),
              bytes.end());
}

}  // namespace
}  // namespace pf::core
