// A host that lies to the driver: it rewrites its header section while the publisher attaches,
// claims, fills and publishes. The section and the slots are separate allocations of exactly their
// size, so that any access outside them is seen.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <pf/core/memory_slots.hpp>

#include "byte_source.hpp"
#include "require.hpp"

namespace pf::fuzz {

namespace {

constexpr std::uint32_t kTargetId = 3;
constexpr std::size_t kPage = 4096;

// Aligned as a mapping is, and nothing behind its last byte.
class Section {
public:
    explicit Section(std::size_t bytes)
        : data_(static_cast<std::byte*>(operator new (bytes + 1, std::align_val_t{kPage}))),
          size_(bytes) {
        std::fill_n(data_.get(), bytes, std::byte{0});
    }
    std::span<std::byte> bytes() const { return {data_.get(), size_}; }

private:
    struct Free {
        void operator()(std::byte* data) const { operator delete (data, std::align_val_t{kPage}); }
    };
    std::unique_ptr<std::byte, Free> data_;
    std::size_t size_;
};

std::size_t pick_header_bytes(ByteSource& source) {
    static constexpr std::size_t kSizes[] = {8192, 8192, 8192, 8192, 6592, 6591, 4096, 152,
                                             151,  88,   87,   64,   63,   8,    1,    0};
    return kSizes[source.below(std::size(kSizes))];
}

template <typename T>
void put(std::span<std::byte> section, std::size_t offset, const T& value) {
    if (section.size() >= offset + sizeof(T)) {
        proto::write_prefix(value, reinterpret_cast<unsigned char*>(section.data() + offset),
                            sizeof(T));
    }
}

struct Host {
    Section header;
    std::vector<Section> slots;
    core::RingMemory memory;
};

// A ring as an honest host makes it; the lies come afterwards.
Host make_host(ByteSource& source) {
    Host host{Section(pick_header_bytes(source)), {}, {}};
    const std::uint32_t ring_len = source.below(proto::kRingLen) + 1;
    const std::uint32_t width = source.below(32) + 1;
    const std::uint32_t height = source.below(16) + 1;
    const std::uint32_t pitch = width * 4 + source.below(3) * 4;
    const std::uint32_t generation = source.below(4) + 1;
    proto::SharedHeader header{};
    header.magic = proto::kMagic;
    header.version = source.below(5);
    header.generation = generation;
    header.ring_len = ring_len;
    header.width = width;
    header.height = height;
    header.dxgi_format = proto::kFormatBgra8;
    header.target_id = kTargetId;
    put(host.header.bytes(), 0, header);
    proto::RingExtension extension{};
    extension.magic = proto::kExtensionMagic;
    extension.version = proto::kExtensionVersion;
    extension.extension_bytes = proto::kExtensionBytes;
    extension.slot_count = ring_len;
    extension.pitch_bytes = pitch;
    extension.slot_bytes = std::uint64_t{pitch} * height;
    put(host.header.bytes(), proto::kExtensionOffset, extension);
    host.memory.header = host.header.bytes();
    host.memory.ring_len = ring_len;
    host.memory.generation = generation;
    for (std::uint32_t i = 0; i < ring_len; ++i) {
        const std::size_t lack = source.below(16) == 0 ? source.below(256) : 0;
        host.slots.emplace_back(extension.slot_bytes -
                                std::min<std::size_t>(lack, extension.slot_bytes));
        host.memory.slots[i] = host.slots.back().bytes();
    }
    return host;
}

// Any word of the section, whenever the host likes.
void lie(ByteSource& source, const Host& host) {
    const auto section = host.header.bytes();
    const std::uint32_t where = source.below(3) == 0 ? source.take<std::uint16_t>()
                                : source.flag()      ? proto::kExtensionOffset + source.byte() * 8U
                                                     : source.below(20) * 8U;
    put(section, where / 4 * 4, source.number());
}

class Driver final : core::Waker {
public:
    explicit Driver(std::uint32_t protocol)
        : publisher_({.target_id = kTargetId, .protocol_version = protocol}) {}

    void attach(const Host& host) {
        claims_.clear();
        if (core::attach_memory(publisher_, slots_, host.memory, *this, ++now_) !=
            proto::AttachCheck::ok) {
            PF_REQUIRE(!publisher_.attached());
        }
    }
    void step(ByteSource& source, const Host& host);

private:
    void wake() override {}
    void claim(ByteSource& source);
    void fill(ByteSource& source);
    core::FrameInfo info(ByteSource& source);
    core::Claim& any_claim(ByteSource& source) {
        return claims_[source.below(static_cast<std::uint32_t>(claims_.size()))];
    }

    core::MemorySlots slots_;
    core::FramePublisher publisher_;
    std::vector<core::Claim> claims_;
    std::uint64_t now_ = 0;
};

void Driver::claim(ByteSource& source) {
    auto claim = publisher_.claim(info(source), ++now_);
    if (claim) {
        const proto::RingGeometry& geometry = publisher_.geometry();
        PF_REQUIRE(claim->slot() < geometry.ring_len);
        PF_REQUIRE(claim->pitch_bytes() == geometry.pitch_bytes);
        PF_REQUIRE(claim->pixels().size() == std::size_t{geometry.pitch_bytes} * geometry.height);
        std::fill(claim->pixels().begin(), claim->pixels().end(), std::byte{1});  // zero-copy
        claims_.push_back(std::move(*claim));
        PF_REQUIRE(claims_.size() <= geometry.ring_len);
    }
}

core::FrameInfo Driver::info(ByteSource& source) {
    core::FrameInfo info{now_, now_,
                         source.flag() ? core::DamageRegion::full() : core::DamageRegion()};
    for (std::uint32_t i = source.below(20); i > 0; --i) {
        info.damage.add({source.number(), source.number(), source.number(), source.number()});
    }
    return info;
}

void Driver::fill(ByteSource& source) {
    const proto::RingGeometry& geometry = publisher_.geometry();
    const std::uint32_t pitch =
        geometry.width * proto::bytes_per_pixel(geometry.dxgi_format) + source.below(2) * 8;
    const std::vector<std::byte> pixels(std::size_t{pitch} * geometry.height);
    const core::Surface surface{pixels.data(), geometry.width, geometry.height, pitch,
                                geometry.dxgi_format};
    auto job = any_claim(source).fill(surface);
    PF_REQUIRE(job);
    while (job->step(1 + source.below(8))) {
    }
}

void Driver::step(ByteSource& source, const Host& host) {
    switch (source.below(13)) {
        case 0: attach(host); break;
        case 1:
            claims_.clear();
            publisher_.attach_failed(core::RingHeader::read(host.memory.header),
                                     host.memory.generation, source.number());
            break;
        case 2:
            source.flag() ? publisher_.retire() : publisher_.detach();
            claims_.clear();
            break;
        case 3: publisher_.heartbeat(++now_); break;
        case 4: publisher_.count_mismatch(++now_); break;
        case 5: publisher_.set_health(source.number()); break;
        case 6:
            if (!claims_.empty()) {
                std::swap(any_claim(source), claims_.back());
                claims_.pop_back();
            }
            break;
        case 7:
        case 8: claim(source); break;
        case 9:
            if (!claims_.empty()) {
                fill(source);
            }
            break;
        case 10:
            publisher_.reopen(slots_);
            claims_.clear();
            break;
        default:
            if (!claims_.empty()) {
                std::swap(any_claim(source), claims_.back());
                publisher_.publish(std::move(claims_.back()), now_, now_ + 1);
                claims_.pop_back();
                ++now_;
            }
            break;
    }
}

}  // namespace

}  // namespace pf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    pf::fuzz::ByteSource source(data, size);
    const pf::fuzz::Host host = pf::fuzz::make_host(source);
    pf::fuzz::Driver driver(source.below(7));
    while (source.flag()) {
        pf::fuzz::lie(source, host);
    }
    driver.attach(host);
    while (!source.empty()) {
        if (source.flag()) {
            pf::fuzz::lie(source, host);
        }
        driver.step(source, host);
    }
    return 0;
}
