// A fuzzer's input, taken from the front as numbers and bytes. Past the end everything is zero, so
// that every input is a complete program. Does not own the input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace pf::fuzz {

class ByteSource {
public:
    ByteSource(const std::uint8_t* data, std::size_t size)
        : rest_(reinterpret_cast<const std::byte*>(data), size) {}

    bool empty() const { return rest_.empty(); }
    std::size_t size() const { return rest_.size(); }

    template <typename T>
    T take() {
        T value{};
        const auto part = take_bytes(sizeof(T));
        if (!part.empty()) {
            std::memcpy(&value, part.data(), part.size());
        }
        return value;
    }
    std::uint8_t byte() { return take<std::uint8_t>(); }
    // 0..limit-1
    std::uint32_t below(std::uint32_t limit) {
        return limit <= 256 ? byte() % limit : take<std::uint32_t>() % limit;
    }
    bool flag() { return (byte() & 1) != 0; }

    // As many as there are, at most `count`.
    std::span<const std::byte> take_bytes(std::size_t count) {
        const auto part = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(part.size());
        return part;
    }

    // Mostly a number that somebody might mean, sometimes any.
    std::uint32_t number() {
        static constexpr std::uint32_t kTelling[] = {
            0,    1,    2,    5,    6,    7,    15,         16,         60,        64,
            255,  256,  1000, 1080, 1920, 4096, 8192,       16384,      16385,     65535,
            1001, 4095, 24,   87,   10,   80,   0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
        const std::uint8_t choice = byte();
        return choice < std::size(kTelling) ? kTelling[choice]
                                            : (choice < 128 ? choice : take<std::uint32_t>());
    }

private:
    std::span<const std::byte> rest_;
};

}  // namespace pf::fuzz
