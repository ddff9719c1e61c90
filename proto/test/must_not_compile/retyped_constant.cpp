// error: a constant's type differs from its pin
#include <pf/proto/abi.hpp>

namespace pf::proto {
inline constexpr std::uint64_t kSample = 5;
inline constexpr ConstantPin kSampleConstants[] = {PF_PROTO_CONSTANT(kSample, std::uint32_t, 5)};
}  // namespace pf::proto
