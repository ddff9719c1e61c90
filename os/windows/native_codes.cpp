#include "native_codes.hpp"

#include <windows.h>

#include <pf/proto/control.hpp>
#include <pf/proto/exact_rate.hpp>

#include "device_codes.hpp"

namespace pf::os {

namespace {

constexpr std::uint32_t kStatusNoResources = 0xC000009A;  // STATUS_INSUFFICIENT_RESOURCES

// What a code means to whoever asks for a handle, and on an open device, where it may mean that
// the device or its driver is gone, or be what the I/O manager makes of the driver's own status.
struct CodeMeaning {
    DWORD code;
    const char* name;
    Reaction reaction;
    bool gone_on_device = false;
    std::uint32_t status = 0;  // the driver's NTSTATUS; 0: not an answer of a driver
};

using enum Reaction;

#define CODE(name) name, #name
constexpr CodeMeaning kMeanings[] = {
    {CODE(ERROR_INVALID_FUNCTION), fallback, false, proto::kStatusNotSupported},
    {CODE(ERROR_FILE_NOT_FOUND), reopen, true},
    {CODE(ERROR_PATH_NOT_FOUND), reopen, true},
    {CODE(ERROR_TOO_MANY_OPEN_FILES), retry},
    // The right is missing, but an open handle had it: so Wine tells of a driver that has died.
    {CODE(ERROR_ACCESS_DENIED), reject, true},
    {CODE(ERROR_INVALID_HANDLE), bug, true},
    {CODE(ERROR_NOT_ENOUGH_MEMORY), retry, false, kStatusNoResources},
    {CODE(ERROR_OUTOFMEMORY), retry, false, kStatusNoResources},
    {CODE(ERROR_NOT_READY), retry},
    {CODE(ERROR_BAD_COMMAND), reopen, true},
    {CODE(ERROR_GEN_FAILURE), reopen, true},
    {CODE(ERROR_SHARING_VIOLATION), retry},
    {CODE(ERROR_NOT_SUPPORTED), fallback, false, proto::kStatusNotSupported},
    {CODE(ERROR_DEV_NOT_EXIST), reopen, true},
    {CODE(ERROR_INVALID_PARAMETER), reject, false, proto::kStatusInvalidParameter},
    {CODE(ERROR_BROKEN_PIPE), reopen},
    {CODE(ERROR_CALL_NOT_IMPLEMENTED), fallback, false, proto::kStatusNotSupported},
    {CODE(ERROR_SEM_TIMEOUT), retry},
    {CODE(ERROR_INSUFFICIENT_BUFFER), bug, false, proto::kStatusBufferTooSmall},
    {CODE(ERROR_MOD_NOT_FOUND), fallback},
    {CODE(ERROR_PROC_NOT_FOUND), fallback},
    {CODE(ERROR_BUSY), retry},
    {CODE(ERROR_ALREADY_EXISTS), reject},
    {CODE(ERROR_NO_DATA), reopen},
    {CODE(ERROR_PIPE_NOT_CONNECTED), reopen},
    {CODE(ERROR_MORE_DATA), reject},
    {CODE(WAIT_TIMEOUT), retry},
    {CODE(ERROR_NO_MORE_ITEMS), reject},
    {433, "ERROR_NO_SUCH_DEVICE", reopen, true},
    {CODE(ERROR_INVALID_ADDRESS), bug},
    {CODE(ERROR_OPERATION_ABORTED), reopen, true},
    {CODE(ERROR_NOACCESS), bug},
    {CODE(ERROR_DEVICE_NOT_CONNECTED), reopen, true},
    // Not gone: every monitor is taken, or nobody knows the name. It passes when one departs.
    {CODE(ERROR_NOT_FOUND), retry, false, proto::kStatusNotFound},
    {CODE(ERROR_CANCELLED), reject},
    {CODE(ERROR_NO_SYSTEM_RESOURCES), retry, false, kStatusNoResources},
    {CODE(ERROR_COMMITMENT_LIMIT), retry},
    {CODE(ERROR_TIMEOUT), retry},
    {CODE(ERROR_DEVICE_REMOVED), reopen, true},
    {CODE(ERROR_NOT_ENOUGH_QUOTA), retry},
};
#undef CODE

const CodeMeaning* find_meaning(std::int64_t code) {
    for (const CodeMeaning& meaning : kMeanings) {
        if (meaning.code == code) {
            return &meaning;
        }
    }
    return nullptr;
}

}  // namespace

Reaction reaction_of_native(std::int64_t code) {
    const CodeMeaning* meaning = find_meaning(code);
    return meaning != nullptr ? meaning->reaction : reject;
}

const char* native_code_name(std::int64_t code) {
    const CodeMeaning* meaning = find_meaning(code);
    return meaning != nullptr ? meaning->name : nullptr;
}

bool gone_on_device(std::uint32_t code) {
    const CodeMeaning* meaning = find_meaning(code);
    return meaning != nullptr && meaning->gone_on_device;
}

std::uint32_t status_of_native(std::uint32_t code) {
    const CodeMeaning* meaning = find_meaning(code);
    return meaning != nullptr ? meaning->status : 0;
}

tl::unexpected<Error> fail_last(const char* operation, std::string detail) {
    const DWORD code = ::GetLastError();
    return fail(operation, code, reaction_of_native(code), std::move(detail));
}

}  // namespace pf::os
