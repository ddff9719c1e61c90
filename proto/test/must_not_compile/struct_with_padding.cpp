// error: not a wire type
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    std::uint32_t a;
    std::uint64_t b;
};
PF_PROTO_LAYOUT(Sample, 16, 8, PF_PROTO_FIELD(Sample, std::uint32_t, a, 0),
                PF_PROTO_FIELD(Sample, std::uint64_t, b, 8));
}  // namespace pf::proto
