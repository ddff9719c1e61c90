// Everything that the headers pin, as data: for printing, and for tests that must not forget one.
// A struct or a table that is not listed here is found missing by the tests.
#pragma once

#include <pf/proto/control.hpp>
#include <pf/proto/cursor.hpp>
#include <pf/proto/exact_rate.hpp>
#include <pf/proto/frame.hpp>
#include <pf/proto/luminance.hpp>
#include <pf/proto/ring_extension.hpp>
#include <pf/proto/transport.hpp>
#include <pf/proto/version.hpp>

namespace pf::proto {

// A StructPin without its field count in the type. Not a wire type.
struct StructView {
    const char* name;
    std::uint32_t size;   // bytes
    std::uint32_t align;  // bytes
    const FieldPin* fields;
    std::size_t field_count;
};

// The constants of one header. Not a wire type.
struct ConstantTable {
    const char* header;  // its file name, without the suffix
    const ConstantPin* constants;
    std::size_t count;
};

namespace abi {

template <std::size_t N>
consteval StructView view(const StructPin<N>& pin) {
    return {pin.name, pin.size, pin.align, pin.fields, N};
}

template <std::size_t N>
consteval ConstantTable table(const char* header, const ConstantPin (&constants)[N]) {
    return {header, constants, N};
}

}  // namespace abi

inline constexpr StructView kStructs[] = {
    abi::view(kGuidLayout),
    abi::view(kAddRequestLayout),
    abi::view(kAddReplyLayout),
    abi::view(kRemoveRequestLayout),
    abi::view(kSetRenderAdapterRequestLayout),
    abi::view(kInfoReplyLayout),
    abi::view(kSetFrameChannelRequestLayout),
    abi::view(kUpdateModesRequestLayout),
    abi::view(kSetCursorChannelRequestLayout),
    abi::view(kSetCursorForwardRequestLayout),
    abi::view(kSharedHeaderLayout),
    abi::view(kSharedHeaderV2Layout),
    abi::view(kSharedHeaderV3Layout),
    abi::view(kCursorShmLayout),
    abi::view(kTransportRequestLayout),
    abi::view(kTransportReplyLayout),
    abi::view(kRingExtensionLayout),
    abi::view(kReaderRecordLayout),
    abi::view(kWriterRecordLayout),
    abi::view(kSlotLeaseLayout),
    abi::view(kDamageRectLayout),
    abi::view(kSlotRecordLayout),
    abi::view(kMemoryRingLayout),
    abi::view(kAddExactRequestLayout),
    abi::view(kUpdateModesExactRequestLayout),
};
static_assert(abi::count(kStructs) == 25);

inline constexpr ConstantTable kConstantTables[] = {
    abi::table("version", kVersionConstants),
    abi::table("luminance", kLuminanceConstants),
    abi::table("control", kControlConstants),
    abi::table("frame", kFrameConstants),
    abi::table("cursor", kCursorConstants),
    abi::table("transport", kTransportConstants),
    abi::table("ring_extension", kRingExtensionConstants),
    abi::table("exact_rate", kExactRateConstants),
};
static_assert(abi::count(kConstantTables) == 7);

// Calls visit(const StructView&) for every wire struct.
template <typename Visitor>
constexpr void for_each_struct(Visitor&& visit) {
    for (const StructView& s : kStructs) {
        visit(s);
    }
}

// Calls visit(const ConstantTable&, const ConstantPin&) for every constant.
template <typename Visitor>
constexpr void for_each_constant(Visitor&& visit) {
    for (const ConstantTable& table : kConstantTables) {
        for (std::size_t i = 0; i < table.count; ++i) {
            visit(table, table.constants[i]);
        }
    }
}

namespace abi {

constexpr bool same_text(const char* a, const char* b) {
    while (*a != 0 && *a == *b) {
        ++a;
        ++b;
    }
    return *a == *b;
}

// The same name twice means the same value twice, which is cheaper to see first.
constexpr bool names_are_distinct(const ConstantTable& a, const ConstantTable& b) {
    for (std::size_t i = 0; i < a.count; ++i) {
        for (std::size_t j = &a == &b ? i + 1 : 0; j < b.count; ++j) {
            if (a.constants[i].value == b.constants[j].value &&
                same_text(a.constants[i].name, b.constants[j].name)) {
                return false;
            }
        }
    }
    return true;
}

consteval bool all_constants_are_distinct() {
    for (std::size_t i = 0; i < count(kConstantTables); ++i) {
        for (std::size_t j = i; j < count(kConstantTables); ++j) {
            if (!names_are_distinct(kConstantTables[i], kConstantTables[j])) {
                return false;
            }
        }
    }
    return true;
}

consteval bool all_structs_are_distinct() {
    for (std::size_t i = 0; i < count(kStructs); ++i) {
        for (std::size_t j = i + 1; j < count(kStructs); ++j) {
            if (same_text(kStructs[i].name, kStructs[j].name)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace abi

// With the tables' counts: none is pinned or listed twice in the place of another.
static_assert(abi::all_constants_are_distinct());
static_assert(abi::all_structs_are_distinct());

}  // namespace pf::proto
