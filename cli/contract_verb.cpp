#include "contract_verb.hpp"

#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <pf/proto/reflection.hpp>

namespace pf::cli {
namespace {

using proto::ConstantPin;
using proto::ConstantTable;
using proto::FieldPin;
using proto::StructView;

std::string guid_text(const proto::Guid& guid) {
    const auto& tail = guid.data4;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}",
                       guid.data1, guid.data2, guid.data3, tail[0], tail[1], tail[2], tail[3],
                       tail[4], tail[5], tail[6], tail[7]);
}

// "std::uint64_t[6]" -> "u64[6]", "std::int32_t" -> "i32"; a struct keeps its name.
std::string short_type(std::string_view type) {
    std::string text(type);
    for (const auto& [from, to] : {std::pair{"std::uint", "u"}, std::pair{"std::int", "i"}}) {
        if (text.starts_with(from)) {
            text.replace(0, std::string_view(from).size(), to);
            if (const std::size_t suffix = text.find("_t"); suffix != std::string::npos) {
                text.erase(suffix, 2);
            }
        }
    }
    return text;
}

nlohmann::ordered_json struct_json(const StructView& s) {
    nlohmann::ordered_json fields = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < s.field_count; ++i) {
        const FieldPin& field = s.fields[i];
        fields.push_back({{"name", field.name}, {"offset", field.offset}, {"size", field.size}});
    }
    return {{"size", s.size}, {"align", s.align}, {"fields", std::move(fields)}};
}

// One row a field.
template <typename Row>
void for_each_field(const StructView& s, Row&& row) {
    for (std::size_t i = 0; i < s.field_count; ++i) {
        row(s.fields[i], short_type(s.fields[i].type));
    }
}

}  // namespace

std::string contract_json() {
    nlohmann::ordered_json constants = nlohmann::ordered_json::object();
    proto::for_each_constant([&](const ConstantTable&, const ConstantPin& constant) {
        constants[constant.name] = constant.value;
    });
    nlohmann::ordered_json structs = nlohmann::ordered_json::object();
    proto::for_each_struct([&](const StructView& s) { structs[s.name] = struct_json(s); });
    nlohmann::ordered_json contract;
    contract["protocol_version"] = proto::kProtocolVersion;
    contract["min_driver_protocol_version"] = proto::kMinDriverProtocolVersion;
    contract["guid"] = guid_text(proto::kInterfaceGuid);
    contract["constants"] = std::move(constants);
    contract["structs"] = std::move(structs);
    return contract.dump(2) + "\n";
}

std::string contract_markdown() {
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "# The binary contract\n\n");
    fmt::format_to(to,
                   "Protocol version {}, drivers from version {} on. Device interface `{{{}}}`.\n",
                   proto::kProtocolVersion, proto::kMinDriverProtocolVersion,
                   guid_text(proto::kInterfaceGuid));
    fmt::format_to(to,
                   "Integers are little-endian; offsets and sizes are bytes.\n\n## Constants\n");
    for (const ConstantTable& table : proto::kConstantTables) {
        fmt::format_to(to, "\n### {}.hpp\n\n| name | value | hex |\n|---|---:|---:|\n",
                       table.header);
        for (std::size_t i = 0; i < table.count; ++i) {
            const ConstantPin& constant = table.constants[i];
            fmt::format_to(to, "| `{}` | {} | {:#x} |\n", constant.name, constant.value,
                           constant.value);
        }
    }
    fmt::format_to(to, "\n## Structs\n");
    proto::for_each_struct([&](const StructView& s) {
        fmt::format_to(to, "\n### {}\n\n{} bytes, aligned to {}.\n\n", s.name, s.size, s.align);
        fmt::format_to(to, "| offset | size | type | field |\n|---:|---:|---|---|\n");
        for_each_field(s, [&](const FieldPin& field, const std::string& type) {
            fmt::format_to(to, "| {} | {} | {} | `{}` |\n", field.offset, field.size, type,
                           field.name);
        });
    });
    return out;
}

std::string contract_text() {
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "protocol {}, drivers from {} on\ninterface {{{}}}\n",
                   proto::kProtocolVersion, proto::kMinDriverProtocolVersion,
                   guid_text(proto::kInterfaceGuid));
    for (const ConstantTable& table : proto::kConstantTables) {
        fmt::format_to(to, "\n{}\n", table.header);
        for (std::size_t i = 0; i < table.count; ++i) {
            const ConstantPin& constant = table.constants[i];
            fmt::format_to(to, "  {:<30} {:>10}  {:#x}\n", constant.name, constant.value,
                           constant.value);
        }
    }
    proto::for_each_struct([&](const StructView& s) {
        fmt::format_to(to, "\n{}: {} bytes, aligned to {}\n", s.name, s.size, s.align);
        for_each_field(s, [&](const FieldPin& field, const std::string& type) {
            fmt::format_to(to, "  @{:<5} {:<16} {}\n", field.offset, type, field.name);
        });
    });
    return out;
}

}  // namespace pf::cli
