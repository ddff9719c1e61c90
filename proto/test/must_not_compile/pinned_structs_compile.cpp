// The pattern of the others, kept right: shows that they fail for what is wrong in them.
#include <pf/proto/all.hpp>

namespace pf::proto {
struct Sample {
    std::uint32_t a;
    std::int32_t b;
    std::uint64_t c[2];
    DamageRect d;
};
PF_PROTO_LAYOUT(Sample, 40, 8, PF_PROTO_FIELD(Sample, std::uint32_t, a, 0),
                PF_PROTO_FIELD(Sample, std::int32_t, b, 4),
                PF_PROTO_FIELD(Sample, std::uint64_t[2], c, 8),
                PF_PROTO_FIELD(Sample, DamageRect, d, 24));
inline constexpr std::uint32_t kSample = 5;
inline constexpr ConstantPin kSampleConstants[] = {PF_PROTO_CONSTANT(kSample, std::uint32_t, 5)};
}  // namespace pf::proto
