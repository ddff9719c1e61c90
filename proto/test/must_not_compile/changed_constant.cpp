// error: constant_differs_from_its_pinned_value
#include <pf/proto/abi.hpp>

namespace pf::proto {
inline constexpr std::uint32_t kSample = 4;
inline constexpr ConstantPin kSampleConstants[] = {PF_PROTO_CONSTANT(kSample, std::uint32_t, 5)};
}  // namespace pf::proto
