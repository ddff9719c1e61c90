// error: not a wire field type
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    const void* a;
};
PF_PROTO_LAYOUT(Sample, 8, 8, PF_PROTO_FIELD(Sample, const void*, a, 0));
}  // namespace pf::proto
