// error: load_relaxed
#include <pf/proto/ring_extension.hpp>
#include <pf/proto/shared_access.hpp>

pf::proto::DamageRect read(const pf::proto::SlotRecord& record) {
    return pf::proto::load_relaxed(record.damage[0]);
}
