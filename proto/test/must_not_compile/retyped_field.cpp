// error: a field's type differs from its pin
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    std::int32_t a;
};
PF_PROTO_LAYOUT(Sample, 4, 4, PF_PROTO_FIELD(Sample, std::uint32_t, a, 0));
}  // namespace pf::proto
