// error: field_moved_from_its_pinned_offset
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    std::uint32_t b;
    std::uint32_t a;
};
PF_PROTO_LAYOUT(Sample, 8, 4, PF_PROTO_FIELD(Sample, std::uint32_t, a, 0),
                PF_PROTO_FIELD(Sample, std::uint32_t, b, 4));
}  // namespace pf::proto
