#include <pf/os/whole_file.hpp>

#include "native_handle.hpp"
#include "wide_text.hpp"

namespace pf::os {

namespace {

Handle open_file(const std::string& path, DWORD access, DWORD how,
                 DWORD share = FILE_SHARE_READ | FILE_SHARE_DELETE) {
    return adopt_handle(::CreateFileW(widen(path).c_str(), access, share, nullptr, how,
                                      FILE_ATTRIBUTE_NORMAL, nullptr));
}

bool is_missing(DWORD code) {
    return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND;
}

}  // namespace

Result<std::optional<std::string>> read_whole_file(const std::string& path,
                                                   std::size_t most_bytes) {
    const Handle file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    if (!file && is_missing(::GetLastError())) {
        return std::nullopt;
    }
    std::string content(most_bytes + 1, '\0');
    DWORD size = 0;  // of a file one read takes all that there is
    if (!file || !::ReadFile(handle_of(file), content.data(), static_cast<DWORD>(content.size()),
                             &size, nullptr)) {
        return fail_last("read", path);
    }
    if (size > most_bytes) {
        return fail("read", 0, Reaction::reject, path + " is too large to be one of ours");
    }
    content.resize(size);
    return content;
}

Result<void> write_whole_file(const std::string& path, std::string_view content) {
    const std::string fresh = path + ".new";
    Handle file = open_file(fresh, GENERIC_WRITE, CREATE_ALWAYS);
    DWORD written = 0;
    if (!file ||
        !::WriteFile(handle_of(file), content.data(), static_cast<DWORD>(content.size()), &written,
                     nullptr) ||
        !::FlushFileBuffers(handle_of(file))) {
        return fail_last("write", fresh);
    }
    file.reset();
    if (!::MoveFileExW(widen(fresh).c_str(), widen(path).c_str(),
                       MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
        return fail_last("write", path);
    }
    return {};
}

Result<Handle> hold_file(const std::string& path) {
    Handle file = open_file(path, GENERIC_WRITE, OPEN_ALWAYS, 0);
    if (file) {
        return file;
    }
    if (::GetLastError() == ERROR_SHARING_VIOLATION) {
        return fail("hold", ERROR_SHARING_VIOLATION, Reaction::retry,
                    path + ": another program has it");
    }
    return fail_last("hold", path);
}

Result<void> remove_whole_file(const std::string& path) {
    if (!::DeleteFileW(widen(path).c_str()) && !is_missing(::GetLastError())) {
        return fail_last("remove", path);
    }
    return {};
}

}  // namespace pf::os
