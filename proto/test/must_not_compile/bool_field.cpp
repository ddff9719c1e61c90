// error: not a wire field type
#include <pf/proto/abi.hpp>

namespace pf::proto {
struct Sample {
    bool a;
};
PF_PROTO_LAYOUT(Sample, 1, 1, PF_PROTO_FIELD(Sample, bool, a, 0));
}  // namespace pf::proto
