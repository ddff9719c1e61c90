#include "image_path_policy.hpp"

#include "native_handle.hpp"
#include "wide_text.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "trust driver process";
constexpr DWORD kLongestPath = 32768;  // in UTF-16 units, with its end (Windows' limit)

Result<std::string> image_of(const DeviceCalls& calls, const Process& process) {
    std::wstring path(kLongestPath, L'\0');
    DWORD length = kLongestPath;
    if (!calls.query_image(handle_of(process.handle()), 0, path.data(), &length)) {
        return fail_last(kOperation,
                         "what process " + std::to_string(process.pid()) + " runs cannot be told");
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

Result<Process> open_driver_process(const DeviceCalls& calls, std::uint32_t pid,
                                    const std::string& wanted_image) {
    auto process = Process::open(pid, ProcessUse::give_handles);
    if (!process) {
        return process;
    }
    const auto image = image_of(calls, *process);
    if (!image) {
        return tl::unexpected(image.error());
    }
    if (!is_driver_image(*image, wanted_image)) {
        return fail(kOperation, 0, Reaction::reject,
                    "process " + std::to_string(pid) + " runs " + *image + ", not " +
                        (wanted_image.empty() ? usual_driver_image() : wanted_image));
    }
    return process;
}

}  // namespace pf::os
