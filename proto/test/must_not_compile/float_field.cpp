// error: not a wire (field )?type
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    float a;
};
PF_PROTO_LAYOUT(Sample, 4, 4, PF_PROTO_FIELD(Sample, float, a, 0));
}  // namespace pf::proto
