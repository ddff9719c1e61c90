// error: not a wire field type
#include <pf/proto/abi.hpp>

namespace pf::proto {
enum class Kind : std::uint32_t { one };
struct Sample {
    Kind a;
};
PF_PROTO_LAYOUT(Sample, 4, 4, PF_PROTO_FIELD(Sample, Kind, a, 0));
}  // namespace pf::proto
