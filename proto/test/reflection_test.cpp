// The index says the same as the compiler.
#include <pf/proto/reflection.hpp>

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

TEST(Reflection, EveryStructIsCoveredByItsFieldsWithoutAHole) {
    for_each_struct([](const StructView& s) {
        std::uint32_t end = 0;
        std::set<std::string> names;
        for (std::size_t i = 0; i < s.field_count; ++i) {
            EXPECT_EQ(s.fields[i].offset, end) << s.name << "." << s.fields[i].name;
            EXPECT_TRUE(names.insert(s.fields[i].name).second);
            end += s.fields[i].size;
        }
        EXPECT_EQ(end, s.size) << s.name;
        EXPECT_EQ(s.size % s.align, 0u) << s.name;
    });
}

TEST(Reflection, FindsWhatTheContractNames) {
    std::uint64_t ioctl_add = 0;
    std::size_t constants = 0;
    for_each_constant([&](const ConstantTable&, const ConstantPin& constant) {
        ++constants;
        if (std::string(constant.name) == "kIoctlAdd") {
            ioctl_add = constant.value;
        }
    });
    EXPECT_EQ(ioctl_add, 2237440u);
    EXPECT_GE(constants, 70u);
    const StructView& request = kStructs[1];
    EXPECT_STREQ(request.name, "AddRequest");
    EXPECT_EQ(request.size, sizeof(AddRequest));
    EXPECT_EQ(request.field_count, 9u);
    EXPECT_STREQ(request.fields[8].name, "hw_cursor");
    EXPECT_STREQ(request.fields[8].type, "std::uint32_t");
}

}  // namespace
}  // namespace pf::proto
