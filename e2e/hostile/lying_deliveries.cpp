#include "lying_deliveries.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include <pf/os/clock.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/shared_access.hpp>

#include "insist.hpp"
#include "wrong_objects.hpp"

namespace pf::hostile {
namespace {

using proto::store_relaxed;

constexpr std::size_t kMaxKnown = 4096;

int descriptor_of(const os::Handle& handle) {
    return static_cast<int>(handle.native());
}

os::WritableMapping map_own(const os::Handle& memory) {
    auto copy = memory.duplicate();
    auto region = copy ? os::Region::adopt(std::move(*copy), 1) : os::Result<os::Region>{};
    if (!region || region->size() > (1 << 20)) {
        return {};
    }
    auto mapping = os::WritableMapping::map(*region);
    return mapping ? std::move(*mapping) : os::WritableMapping{};
}

template <typename Word>
void store_any(Word& field, Dice& dice) {
    store_relaxed(field, static_cast<Word>(dice.long_number()));
}

void saturate(const os::Handle& event) {
    const int flags = ::fcntl(descriptor_of(event), F_GETFL);
    ::fcntl(descriptor_of(event), F_SETFL, flags | O_NONBLOCK);
    const std::uint64_t nearly_full = UINT64_MAX - 1;
    (void)!::write(descriptor_of(event), &nearly_full, sizeof nearly_full);
    ::fcntl(descriptor_of(event), F_SETFL, flags & ~O_NONBLOCK);
}

}  // namespace

enum class LiarsDelivery::Lie {
    none,
    header_object,
    event_object,
    slot_object,
    small_slot,
    header_words,
    extension_words,
    other_target,
    stale_generation,
    same_value_twice,
    header_as_slot,
    bogus_values,
    ring_len,
    request_words,
    closed_before,
    count,
};

void KnownValues::remember(std::uint64_t value) {
    if (values.size() < kMaxKnown) {
        values.push_back(value);
    } else {
        values[value % kMaxKnown] = value;
    }
}

std::uint64_t KnownValues::any(Dice& dice) const {
    if (values.empty() || dice.one_in(4)) {
        return dice.long_number();
    }
    const std::uint64_t value = values[dice.below(static_cast<std::uint32_t>(values.size()))];
    // Values count up over all hosts: a neighbour's is a few away.
    return dice.one_in(2) ? value : value + dice.below(64) - 32;
}

LiarsDelivery::LiarsDelivery(ControlLine& line, const LiarsMonitor& monitor, KnownValues& known,
                             Dice& dice) {
    const auto lie = dice.one_in(2)
                         ? Lie::none
                         : static_cast<Lie>(dice.below(static_cast<std::uint32_t>(Lie::count)));
    const std::uint32_t pitch = (monitor.width + dice.below(4)) * 4;
    geometry_ = {monitor.width,
                 monitor.height,
                 proto::kFormatBgra8,
                 dice.one_in(4) ? 1 + dice.below(proto::kRingLen) : proto::kRingLen,
                 pitch,
                 std::uint64_t{pitch} * monitor.height};
    generation_ = 1 + dice.below(proto::kMaxGeneration);
    all_right_ = lie == Lie::none;
    const std::uint64_t section =
        dice.one_in(8) ? proto::kHeaderSectionBytes * 2 : proto::kHeaderSectionBytes;
    header_ = lie == Lie::header_object ? no_memory(section, dice) : sealed_memory(section);
    event_ = lie == Lie::event_object
                 ? no_event(dice)
                 : os::Handle::adopt(
                       ::eventfd(0, EFD_CLOEXEC | (dice.one_in(2) ? EFD_NONBLOCK : EFD_SEMAPHORE)));
    const std::uint32_t odd = dice.below(geometry_.ring_len);
    for (std::uint32_t i = 0; i < geometry_.ring_len; ++i) {
        const bool wrong = i == odd && lie == Lie::slot_object;
        const bool small = i == odd && lie == Lie::small_slot;
        const std::uint64_t more = dice.one_in(8) ? dice.below(10000) : 0;
        slots_[i] = wrong   ? no_memory(geometry_.slot_bytes, dice)
                    : small ? sealed_memory(geometry_.slot_bytes - 1)
                            : sealed_memory(geometry_.slot_bytes + more);
    }
    if (lie != Lie::header_object) {
        mapping_ = map_own(header_);
        PF_INSIST(!mapping_.bytes().empty());
        make_header(monitor, lie, dice);
    }
    pixels_ = map_own(slots_[0]);
    deliver(line, monitor, known, lie, dice);
}

proto::SharedHeaderV3* LiarsDelivery::header() const {
    return reinterpret_cast<proto::SharedHeaderV3*>(mapping_.bytes().data());
}

proto::MemoryRing* LiarsDelivery::shared() const {
    return reinterpret_cast<proto::MemoryRing*>(mapping_.bytes().data() + proto::kExtensionOffset);
}

void LiarsDelivery::make_header(const LiarsMonitor& monitor, Lie lie, Dice& dice) {
    proto::RingExtension& extension = shared()->extension;
    extension.magic = proto::kExtensionMagic;
    extension.version = proto::kExtensionVersion;
    extension.extension_bytes = proto::kExtensionBytes;
    extension.slot_count = geometry_.ring_len;
    extension.pitch_bytes = geometry_.pitch_bytes;
    extension.slot_bytes = geometry_.slot_bytes;
    extension.ticks_per_second = os::ticks_per_second();
    proto::SharedHeader& base = header()->base.base;
    base.version = dice.one_in(4) ? dice.below(5) : proto::kFrameVersionHealth;
    base.generation = lie == Lie::stale_generation ? dice.number() : generation_;
    base.ring_len = geometry_.ring_len;
    base.width = geometry_.width;
    base.height = geometry_.height;
    base.dxgi_format = geometry_.dxgi_format;
    base.target_id = lie == Lie::other_target ? dice.number() : monitor.target_id;
    base.magic = proto::kMagic;
    std::uint32_t* const fields[] = {&base.magic,     &base.version,    &base.generation,
                                     &base.width,     &base.ring_len,   &base.height,
                                     &base.target_id, &base.dxgi_format};
    std::uint32_t* const more[] = {&extension.magic, &extension.version, &extension.extension_bytes,
                                   &extension.slot_count, &extension.pitch_bytes};
    if (lie == Lie::header_words) {
        *fields[dice.below(std::size(fields))] = dice.number();
    } else if (lie == Lie::extension_words) {
        *more[dice.below(std::size(more))] = dice.number();
        extension.slot_bytes = dice.one_in(2) ? dice.long_number() : extension.slot_bytes;
    }
}

void LiarsDelivery::deliver(ControlLine& line, const LiarsMonitor& monitor, KnownValues& known,
                            Lie lie, Dice& dice) {
    proto::SetFrameChannelRequest request{};
    request.target_id = monitor.target_id;
    request.generation = generation_;
    request.ring_len = geometry_.ring_len;
    request.header_bytes = proto::kHeaderSectionBytes;
    request.header_handle = line.give(header_);
    request.event_handle = line.give(event_);
    for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
        request.texture_handles[i] = slots_[i] ? line.give(slots_[i]) : 0;
        known.remember(request.texture_handles[i]);
    }
    const std::uint32_t slot = dice.below(proto::kRingLen);
    switch (lie) {
        case Lie::same_value_twice:
            request.texture_handles[slot] = request.texture_handles[(slot + 1) % 6];
            break;
        case Lie::header_as_slot:
            request.texture_handles[slot] =
                dice.one_in(2) ? line.give(header_) : request.header_handle;
            break;
        case Lie::bogus_values:
            (dice.one_in(2) ? request.texture_handles[slot]
                            : (dice.one_in(2) ? request.header_handle : request.event_handle)) =
                known.any(dice);
            break;
        case Lie::ring_len: {
            static constexpr std::uint32_t kLengths[] = {0, 7, UINT32_MAX, 1, 2, 5};
            request.ring_len = kLengths[dice.below(6)];
            break;
        }
        case Lie::request_words:
            (dice.one_in(3) ? request.target_id
                            : (dice.one_in(2) ? request.generation : request.header_bytes)) =
                dice.number();
            break;
        case Lie::closed_before:
            line.close_value(dice.one_in(2)
                                 ? request.header_handle
                                 : request.texture_handles[dice.below(geometry_.ring_len)]);
            break;
        default: break;
    }
    if (lie == Lie::slot_object && dice.one_in(4)) {
        line.close();  // between the gifts and the request
        return;
    }
    const auto reply = line.control(proto::kIoctlSetFrameChannel,
                                    std::as_bytes(std::span(&request, 1)), dice.below(64));
    accepted_ = reply && reply->header.status == proto::kStatusSuccess;
    if (reply && !accepted_ && dice.one_in(2)) {
        line.close_value(request.header_handle);  // as an honest host takes them back
        line.close_value(request.event_handle);
    }
    // Opened, or told why not.
    PF_INSIST(!accepted_ || lie != Lie::none || header()->base.base.driver_status != 0);
    const bool impossible = lie == Lie::header_object || lie == Lie::event_object ||
                            lie == Lie::slot_object || lie == Lie::small_slot ||
                            lie == Lie::closed_before;
    if (impossible && opened()) {
        std::fprintf(stderr, "lie %d\n", static_cast<int>(lie));
    }
    PF_INSIST(!impossible || !opened());
}

bool LiarsDelivery::opened() const {
    return !mapping_.bytes().empty() &&
           proto::load_acquire(header()->base.base.driver_status) == proto::kDriverStatusOpened;
}

std::uint64_t LiarsDelivery::rewrite(Dice& dice) {
    if (mapping_.bytes().empty()) {
        return 0;
    }
    proto::MemoryRing& ring = *shared();
    const std::uint32_t slot = dice.below(proto::kRingLen);
    switch (dice.below(12)) {
        case 0: store_relaxed(ring.reader.waiting, dice.below(2)); break;
        case 1: store_any(ring.reader.consumed_seq, dice); break;
        case 2: store_any(ring.reader.early_wake_bytes, dice); break;
        case 3:
        case 4: store_relaxed(ring.leases[slot].held, dice.below(2)); break;
        case 5: store_any(ring.records[slot].state, dice); break;
        case 6: store_any(ring.records[slot].seq, dice); break;
        case 7: store_any(header()->base.base.latest, dice); break;
        case 8:
            if (!pixels_.bytes().empty()) {
                const auto words = static_cast<std::uint32_t>(pixels_.bytes().size() / 4);
                auto* at = reinterpret_cast<std::uint32_t*>(pixels_.bytes().data());
                store_relaxed(at[dice.below(words)], dice.number());
            }
            break;
        default: {
            const auto words = static_cast<std::uint32_t>(mapping_.bytes().size() / 4);
            auto* at = reinterpret_cast<std::uint32_t*>(mapping_.bytes().data());
            const std::uint32_t place = dice.one_in(2) ? dice.below(words)
                                                       : proto::kExtensionOffset / 4 +
                                                             dice.below(proto::kExtensionBytes / 4);
            store_relaxed(at[place], dice.number());
        }
    }
    return 1;
}

void LiarsDelivery::abuse(Dice& dice) {
    const std::uint32_t slot = dice.below(proto::kRingLen);
    const os::Handle& memory = dice.one_in(4) ? header_ : slots_[slot];
    switch (dice.below(6)) {
        case 0: {
            const off_t before = ::lseek(descriptor_of(memory), 0, SEEK_END);
            (void)!::ftruncate(descriptor_of(memory), dice.below(3000));
            PF_INSIST(!all_right_ || ::lseek(descriptor_of(memory), 0, SEEK_END) == before);
            break;
        }
        case 1:
            (void)!::fallocate(descriptor_of(memory), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                               off_t{4096} * (1 + dice.below(4)));
            break;
        case 2: saturate(event_); break;
        case 3: {
            std::uint64_t count = 0;
            (void)!::read(dice.one_in(2) ? descriptor_of(event_) : -1, &count, 0);
            const int flags = ::fcntl(descriptor_of(event_), F_GETFL);
            ::fcntl(descriptor_of(event_), F_SETFL, flags ^ O_NONBLOCK);
            break;
        }
        case 4: ::fcntl(descriptor_of(memory), F_ADD_SEALS, F_SEAL_FUTURE_WRITE); break;
        default: slots_[slot].reset(); break;
    }
}

}  // namespace pf::hostile
