#include "image_path_policy.hpp"

#include "native_codes.hpp"
#include "native_handle.hpp"
#include "wide_text.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "trust driver process";
constexpr DWORD kLongestPath = 32768;  // in UTF-16 units, with its end (Windows' limit)

std::string process_text(std::uint32_t pid) {
    return "process " + std::to_string(pid);
}

Result<std::string> image_of(const DeviceCalls& calls, const Handle& process, std::uint32_t pid) {
    std::wstring path(kLongestPath, L'\0');
    DWORD length = kLongestPath;
    if (!calls.query_image(handle_of(process), 0, path.data(), &length)) {
        return fail_last(kOperation, "what " + process_text(pid) + " runs cannot be told");
    }
    return narrow(std::wstring_view(path).substr(0, length));
}

}  // namespace

std::string usual_driver_image() {
    std::wstring directory(MAX_PATH, L'\0');
    directory.resize(::GetSystemDirectoryW(directory.data(), MAX_PATH));
    return narrow(directory) + "\\WUDFHost.exe";
}

bool is_driver_image(const std::string& image, const std::string& wanted) {
    if (wanted == kAnyDriverImage) {
        return true;
    }
    const std::wstring runs = widen(image);
    const std::wstring may = widen(wanted.empty() ? usual_driver_image() : wanted);
    return ::CompareStringOrdinal(runs.c_str(), -1, may.c_str(), -1, TRUE) == CSTR_EQUAL;
}

Result<Handle> open_driver_process(const DeviceCalls& calls, std::uint32_t pid,
                                   const std::string& wanted_image) {
    Handle process = Handle::adopt(reinterpret_cast<Handle::Native>(calls.open_process(
        PROCESS_DUP_HANDLE | PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, pid)));
    if (!process) {
        const DWORD code = ::GetLastError();
        // No process has the number.
        const bool gone = code == ERROR_INVALID_PARAMETER;
        return fail(kOperation, code, gone ? Reaction::reopen : reaction_of_native(code),
                    process_text(pid) + (gone ? " is gone"
                                              : " does not let itself be opened; run "
                                                "as administrator or as a service"));
    }
    const auto image = image_of(calls, process, pid);
    if (!image) {
        return tl::unexpected(image.error());
    }
    if (!is_driver_image(*image, wanted_image)) {
        return fail(kOperation, 0, Reaction::reject,
                    process_text(pid) + " runs " + *image + ", not " +
                        (wanted_image.empty() ? usual_driver_image() : wanted_image));
    }
    return process;
}

}  // namespace pf::os
