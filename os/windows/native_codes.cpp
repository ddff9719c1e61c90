#include "native_codes.hpp"

#include <windows.h>

namespace pf::os {

Reaction reaction_of_native(std::int64_t code) {
    switch (code) {
        case ERROR_TOO_MANY_OPEN_FILES:
        case ERROR_NOT_ENOUGH_MEMORY:
        case ERROR_OUTOFMEMORY:
        case ERROR_NO_SYSTEM_RESOURCES:
        case ERROR_COMMITMENT_LIMIT:
        case ERROR_BUSY:
        case WAIT_TIMEOUT: return Reaction::retry;
        case ERROR_FILE_NOT_FOUND:
        case ERROR_PATH_NOT_FOUND:
        case ERROR_INVALID_HANDLE:
        case ERROR_BAD_COMMAND:
        case ERROR_GEN_FAILURE:
        case ERROR_DEV_NOT_EXIST:
        case ERROR_OPERATION_ABORTED:
        case ERROR_DEVICE_NOT_CONNECTED:
        case ERROR_DEVICE_REMOVED: return Reaction::reopen;
        case ERROR_INVALID_FUNCTION:
        case ERROR_NOT_SUPPORTED:
        case ERROR_CALL_NOT_IMPLEMENTED: return Reaction::fallback;
        default: return Reaction::reject;
    }
}

const char* native_code_name(std::int64_t) {
    return nullptr;
}

tl::unexpected<Error> fail_last(const char* operation, std::string detail) {
    const DWORD code = ::GetLastError();
    return fail(operation, code, reaction_of_native(code), std::move(detail));
}

}  // namespace pf::os
