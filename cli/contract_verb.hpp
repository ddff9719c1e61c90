// The binary contract as text, taken from the pins in the headers (pf/proto/reflection.hpp).
// Pure functions; every result ends in a newline.
#pragma once

#include <string>

namespace pf::cli {

// {"protocol_version":..,"min_driver_protocol_version":..,"guid":"..","constants":{name:value},
//  "structs":{name:{"size":..,"align":..,"fields":[{"name":..,"offset":..,"size":..}]}}}
// Constants and structs in the order of the headers, sizes and offsets in bytes.
std::string contract_json();

// Tables, for documentation.
std::string contract_markdown();

// Aligned columns, for a terminal.
std::string contract_text();

}  // namespace pf::cli
