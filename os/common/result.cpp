#include <pf/os/result.hpp>

#include <cstdio>

#include "native_codes.hpp"
#include "status.hpp"

namespace pf::os {

std::string_view to_string(Reaction reaction) {
    switch (reaction) {
        case Reaction::retry: return "retry";
        case Reaction::reopen: return "reopen";
        case Reaction::fallback: return "fallback";
        case Reaction::reject: return "reject";
        case Reaction::bug: return "bug";
    }
    return "unknown";
}

namespace {

std::string describe_code(std::int64_t code) {
    char text[96];
    if (code > INT32_MAX && code <= UINT32_MAX) {
        const auto status = static_cast<std::uint32_t>(code);
        const std::string_view name = status_name(status);
        std::snprintf(text, sizeof text, " (%.*s%s0x%08X)", static_cast<int>(name.size()),
                      name.data(), name.empty() ? "" : ", ", status);
        return text;
    }
    const char* const name = native_code_name(code);
    std::snprintf(text, sizeof text, " (%s%s%lld)", name != nullptr ? name : "",
                  name != nullptr ? ", " : "code ", static_cast<long long>(code));
    return text;
}

}  // namespace

std::string Error::message() const {
    std::string text = operation;
    if (!detail.empty()) {
        text += ": " + detail;
    }
    // Negative codes are this library's own (a timeout); the detail says all there is to say.
    return code > 0 ? text + describe_code(code) : text;
}

}  // namespace pf::os
