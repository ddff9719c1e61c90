#include <pf/core/ring_header.hpp>

#include <cstdint>

#include <pf/proto/shared_access.hpp>

namespace pf::core {

using proto::load_acquire;
using proto::load_relaxed;

namespace {

// The magic first (acquire): whoever wrote it wrote the rest before.
proto::SharedHeader read_words(const proto::SharedHeader& shared) {
    proto::SharedHeader copy{};
    copy.magic = load_acquire(shared.magic);
    copy.generation = load_acquire(shared.generation);
    copy.version = load_relaxed(shared.version);
    copy.ring_len = load_relaxed(shared.ring_len);
    copy.width = load_relaxed(shared.width);
    copy.height = load_relaxed(shared.height);
    copy.dxgi_format = load_relaxed(shared.dxgi_format);
    copy.target_id = load_relaxed(shared.target_id);
    return copy;
}

proto::RingExtension read_extension(const proto::RingExtension& shared) {
    proto::RingExtension copy{};
    copy.magic = load_relaxed(shared.magic);
    copy.version = load_relaxed(shared.version);
    copy.extension_bytes = load_relaxed(shared.extension_bytes);
    copy.slot_count = load_relaxed(shared.slot_count);
    copy.pitch_bytes = load_relaxed(shared.pitch_bytes);
    copy.slot_bytes = load_relaxed(shared.slot_bytes);
    return copy;
}

}  // namespace

RingHeader RingHeader::read(std::span<std::byte> section) {
    RingHeader header;
    const bool aligned =
        reinterpret_cast<std::uintptr_t>(section.data()) % alignof(std::uint64_t) == 0;
    if (section.size() < sizeof(proto::SharedHeader) || !aligned) {
        return header;
    }
    header.section = section;
    header.words = read_words(*reinterpret_cast<proto::SharedHeader*>(section.data()));
    if (section.size() >= proto::kExtensionOffset + proto::kExtensionBytes) {
        header.ring =
            reinterpret_cast<proto::MemoryRing*>(section.data() + proto::kExtensionOffset);
        header.extension = read_extension(header.ring->extension);
    }
    return header;
}

}  // namespace pf::core
