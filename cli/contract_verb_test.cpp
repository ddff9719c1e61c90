// What `pfvd contract` prints, read back and held against the compiler.
#include "contract_verb.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <pf/proto/all.hpp>
#include <pf/proto/reflection.hpp>

namespace pf::cli {
namespace {

using nlohmann::ordered_json;

TEST(ContractJson, HasExactlyTheDocumentedShape) {
    const ordered_json contract = ordered_json::parse(contract_json());
    std::vector<std::string> keys;
    for (const auto& [key, value] : contract.items()) {
        keys.push_back(key);
    }
    EXPECT_EQ(keys, (std::vector<std::string>{"protocol_version", "min_driver_protocol_version",
                                              "guid", "constants", "structs"}));
    EXPECT_EQ(contract["protocol_version"], 6);
    EXPECT_EQ(contract["min_driver_protocol_version"], 2);
    EXPECT_EQ(contract["guid"], "70667664-7044-5350-a1b2-c3d4e5f60001");
    EXPECT_EQ(contract["constants"]["kIoctlAdd"], 2237440);
    EXPECT_EQ(contract["constants"]["kStatusNotFound"], 0xC0000225u);
    EXPECT_EQ(contract["structs"]["AddRequest"].dump(),
              R"({"size":40,"align":8,"fields":[)"
              R"({"name":"session_id","offset":0,"size":8},)"
              R"({"name":"width","offset":8,"size":4},{"name":"height","offset":12,"size":4},)"
              R"({"name":"refresh_hz","offset":16,"size":4},)"
              R"({"name":"preferred_monitor_id","offset":20,"size":4},)"
              R"({"name":"max_luminance_nits","offset":24,"size":4},)"
              R"({"name":"max_frame_avg_nits","offset":28,"size":4},)"
              R"({"name":"min_luminance_millinits","offset":32,"size":4},)"
              R"({"name":"hw_cursor","offset":36,"size":4}]})");
}

TEST(ContractJson, NamesEveryConstantAndEveryFieldOfEveryStruct) {
    const ordered_json contract = ordered_json::parse(contract_json());
    std::size_t constants = 0;
    proto::for_each_constant([&](const proto::ConstantTable&, const proto::ConstantPin& c) {
        ++constants;
        EXPECT_EQ(contract["constants"].at(c.name), c.value);
    });
    EXPECT_EQ(contract["constants"].size(), constants);
    std::size_t structs = 0;
    proto::for_each_struct([&](const proto::StructView& s) {
        ++structs;
        const ordered_json& printed = contract["structs"].at(s.name);
        EXPECT_EQ(printed["size"], s.size);
        EXPECT_EQ(printed["align"], s.align);
        ASSERT_EQ(printed["fields"].size(), s.field_count);
        for (std::size_t i = 0; i < s.field_count; ++i) {
            EXPECT_EQ(printed["fields"][i]["name"], s.fields[i].name);
            EXPECT_EQ(printed["fields"][i]["offset"], s.fields[i].offset);
            EXPECT_EQ(printed["fields"][i]["size"], s.fields[i].size);
        }
    });
    EXPECT_EQ(contract["structs"].size(), structs);
    EXPECT_EQ(contract["structs"]["MemoryRing"]["size"], sizeof(proto::MemoryRing));
}

TEST(ContractText, SaysTheSameForPeople) {
    const std::string text = contract_text();
    const std::string markdown = contract_markdown();
    proto::for_each_constant([&](const proto::ConstantTable&, const proto::ConstantPin& c) {
        EXPECT_NE(text.find(c.name), std::string::npos) << c.name;
        EXPECT_NE(markdown.find(std::string("| `") + c.name + "` |"), std::string::npos) << c.name;
    });
    EXPECT_NE(markdown.find("| 32 | 48 | u64[6] | `texture_handles` |"), std::string::npos);
    EXPECT_NE(markdown.find("| 4 | 4 | i32 | `adapter_luid_high` |"), std::string::npos);
    EXPECT_NE(markdown.find("| 64 | 256 | DamageRect[16] | `damage` |"), std::string::npos);
    EXPECT_NE(text.find("AddRequest: 40 bytes, aligned to 8"), std::string::npos);
    EXPECT_NE(text.find("@32    u64[6]           texture_handles"), std::string::npos);
    EXPECT_EQ(text.back(), '\n');
    EXPECT_EQ(markdown.back(), '\n');
}

}  // namespace
}  // namespace pf::cli
