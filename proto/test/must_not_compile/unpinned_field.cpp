// error: struct_has_an_unpinned_field_or_padding
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    std::uint32_t a;
    std::uint32_t b;
};
PF_PROTO_LAYOUT(Sample, 8, 4, PF_PROTO_FIELD(Sample, std::uint32_t, a, 0));
}  // namespace pf::proto
