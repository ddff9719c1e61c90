// What makes a struct a wire type, the pins that turn drift into a compile error, and the
// bounds-checked way between bytes and structs. Freestanding; no allocation, no exceptions.
//
// Every wire struct and every constant is stated twice: once as the declaration that code uses,
// once as a pin (PF_PROTO_LAYOUT, PF_PROTO_CONSTANT) below it. A change of only one of the two
// does not compile in any program that includes the header. The pins are also the data that
// reflection.hpp lists and `pfvd contract` prints. A struct of these headers that stays on its
// own side says "Not a wire type" above it; the tests take every other one for a wire struct.
#pragma once

// Said at once, in place of the many errors that would follow. No build file of ours chooses a
// program's standard.
#if __cplusplus < 202002L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 202002L)
#error "pf-vdisplay's headers need C++20 or newer: compile with -std=c++20"
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace pf::proto {

// All integers on the wire are little-endian; a big-endian build would need conversions.
static_assert(std::endian::native == std::endian::little);

// A wire type has no padding, accepts every bit pattern and keeps its layout in every compiler.
template <typename T>
concept WireType = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> &&
    std::has_unique_object_representations_v<T>;

// Not a wire type.
struct FieldPin {
    const char* name;
    const char* type;
    std::uint32_t offset;  // bytes from the start of the struct
    std::uint32_t size;    // bytes
};

// Not a wire type.
template <std::size_t N>
struct StructPin {
    const char* name;
    std::uint32_t size;   // bytes
    std::uint32_t align;  // bytes
    FieldPin fields[N];
    static constexpr std::size_t kFieldCount = N;
};

// Not a wire type.
struct ConstantPin {
    const char* name;
    std::uint64_t value;
};

namespace abi {

constexpr std::uint32_t at_most(std::uint32_t value, std::uint32_t most) {
    return value < most ? value : most;
}

// Never defined: reaching it in constant evaluation is the compile error that names the drift.
void field_moved_from_its_pinned_offset();
void field_of_another_struct();
void struct_has_an_unpinned_field_or_padding();
void constant_differs_from_its_pinned_value();

// Fixed-width integers, arrays of them, and pinned structs of them. No bool, no enum, no pointer.
template <typename T>
inline constexpr bool kIsWireField = std::is_class_v<T>&& WireType<T>;
template <typename T, std::size_t N>
inline constexpr bool kIsWireField<T[N]> = kIsWireField<T>;
template <>
inline constexpr bool kIsWireField<std::uint8_t> = true;
template <>
inline constexpr bool kIsWireField<std::uint16_t> = true;
template <>
inline constexpr bool kIsWireField<std::uint32_t> = true;
template <>
inline constexpr bool kIsWireField<std::uint64_t> = true;
template <>
inline constexpr bool kIsWireField<std::int32_t> = true;
template <>
inline constexpr bool kIsWireField<std::int64_t> = true;

// One object for each struct: its address tells whose pin it is.
template <typename Owner>
inline constexpr char kOwner = 0;

// Not a wire type.
struct OwnedField {
    FieldPin pin;
    const char* owner;  // &kOwner<the struct>
};

template <typename Pinned, typename Declared>
consteval OwnedField field(const char* owner, const char* name, const char* type,
                           std::size_t pinned_offset, std::size_t declared_offset) {
    static_assert(std::is_same_v<Pinned, Declared>, "a field's type differs from its pin");
    static_assert(kIsWireField<Declared>, "not a wire field type");
    if (pinned_offset != declared_offset) {
        field_moved_from_its_pinned_offset();
    }
    return {{name, type, static_cast<std::uint32_t>(declared_offset), sizeof(Declared)}, owner};
}

template <typename T, std::size_t kSize, std::size_t kAlign, std::size_t N>
consteval StructPin<N> layout(const char* name, const OwnedField (&fields)[N]) {
    static_assert(WireType<T>, "not a wire type");
    static_assert(sizeof(T) == kSize, "a struct's size differs from its pin");
    static_assert(alignof(T) == kAlign, "a struct's alignment differs from its pin");
    StructPin<N> pin{name, kSize, kAlign, {}};
    std::size_t end = 0;
    for (std::size_t i = 0; i < N; ++i) {
        if (fields[i].owner != &kOwner<T>) {
            field_of_another_struct();
        }
        if (fields[i].pin.offset != end) {
            struct_has_an_unpinned_field_or_padding();
        }
        end += fields[i].pin.size;
        pin.fields[i] = fields[i].pin;
    }
    if (end != kSize) {
        struct_has_an_unpinned_field_or_padding();
    }
    return pin;
}

template <typename Pinned, typename Declared>
consteval ConstantPin constant(const char* name, Declared declared, Pinned pinned) {
    static_assert(std::is_same_v<Pinned, Declared>, "a constant's type differs from its pin");
    if (declared != pinned) {
        constant_differs_from_its_pinned_value();
    }
    return {name, static_cast<std::uint64_t>(declared)};
}

// A table of pins says how many it holds, so that a lost pin is noticed where it was lost.
template <typename T, std::size_t N>
consteval std::size_t count(const T (&)[N]) {
    return N;
}

}  // namespace abi

// clang-format off
#define PF_PROTO_FIELD(Struct, Type, Name, Offset) \
    ::pf::proto::abi::field<Type, decltype(Struct::Name)>( \
        &::pf::proto::abi::kOwner<Struct>, #Name, #Type, Offset, offsetof(Struct, Name))
#define PF_PROTO_LAYOUT(Struct, Size, Align, ...) \
    inline constexpr auto k##Struct##Layout = \
        ::pf::proto::abi::layout<Struct, Size, Align>(#Struct, {__VA_ARGS__})
#define PF_PROTO_CONSTANT(Name, Type, Value) \
    ::pf::proto::abi::constant<Type>(#Name, Name, static_cast<Type>(Value))
// clang-format on

// Bytes to struct: copies min(sizeof(T), bytes) and leaves the rest zero. False, and `out` zero,
// when fewer than `required_bytes` are there. `data` need not be aligned and may be null when
// `bytes` is 0.
template <WireType T>
constexpr bool read_prefix(const unsigned char* data, std::size_t bytes, std::size_t required_bytes,
                           T& out) {
    unsigned char raw[sizeof(T)] = {};
    const bool enough = bytes >= required_bytes;
    const std::size_t count = !enough ? 0 : (bytes < sizeof(T) ? bytes : sizeof(T));
    for (std::size_t i = 0; i < count; ++i) {
        raw[i] = data[i];
    }
    out = std::bit_cast<T>(raw);
    return enough;
}

// As read_prefix, and the whole struct must be there. Surplus bytes are ignored.
template <WireType T>
constexpr bool read_struct(const unsigned char* data, std::size_t bytes, T& out) {
    return read_prefix(data, bytes, sizeof(T), out);
}

// Struct to bytes: writes min(sizeof(T), capacity) bytes and returns how many.
template <WireType T>
constexpr std::size_t write_prefix(const T& value, unsigned char* data, std::size_t capacity) {
    struct Raw {
        unsigned char bytes[sizeof(T)];
    };
    const Raw raw = std::bit_cast<Raw>(value);
    const std::size_t count = capacity < sizeof(T) ? capacity : sizeof(T);
    for (std::size_t i = 0; i < count; ++i) {
        data[i] = raw.bytes[i];
    }
    return count;
}

}  // namespace pf::proto
