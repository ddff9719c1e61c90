// error: field_of_another_struct
#include <pf/proto/control.hpp>

namespace pf::proto {
struct Sample {
    std::uint64_t session_id;
};
PF_PROTO_LAYOUT(Sample, 8, 8, PF_PROTO_FIELD(RemoveRequest, std::uint64_t, session_id, 0));
}  // namespace pf::proto
