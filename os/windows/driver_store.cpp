#include "driver_store.hpp"

#include "device_nodes.hpp"
#include "inf_text.hpp"
#include "owned_by_call.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

// Windows publishes packages as oemN.inf; Wine keeps a file's own name as long as that is free.
constexpr const wchar_t* kPatterns[] = {L"oem*.inf", L"pf_*.inf"};
constexpr DWORD kMostPath = 1u << 15;  // the system's limit, in characters

Result<std::wstring> inf_directory(const InstallCalls& calls) {
    std::wstring path(MAX_PATH, L'\0');
    const UINT length = calls.windows_directory(path.data(), MAX_PATH);
    if (length == 0 || length >= MAX_PATH) {
        return fail_last("find the driver store", "where Windows lies");
    }
    path.resize(length);
    return path + L"\\INF\\";
}

Result<std::wstring> absolute_path(const InstallCalls& calls, const std::string& path) {
    std::wstring full(kMostPath, L'\0');
    const DWORD length = calls.full_path(widen(path).c_str(), kMostPath, full.data(), nullptr);
    if (length == 0 || length >= kMostPath) {
        return fail_last("find package", path);
    }
    full.resize(length);
    return full;
}

// What another program takes away meanwhile, or keeps to itself, or is that large, is not ours.
bool is_foreign(const Error& error) {
    return error.code == ERROR_FILE_NOT_FOUND || error.code == ERROR_SHARING_VIOLATION ||
           error.code == ERROR_FILE_TOO_LARGE;
}

Result<void> add_if_ours(const InstallCalls& calls, const std::wstring& path,
                         const std::wstring& name, std::vector<DriverPackage>& packages) {
    const auto bytes = read_file(calls, path, kMaxInfBytes);
    if (!bytes) {
        return is_foreign(bytes.error()) ? Result<void>() : tl::unexpected(bytes.error());
    }
    const std::string text = decode_inf(*bytes);
    if (names_hardware_id(text, kHardwareId)) {
        packages.push_back({narrow(name), driver_version(text)});
    }
    return {};
}

Result<void> add_matching(const InstallCalls& calls, const std::wstring& directory,
                          const wchar_t* pattern, std::vector<DriverPackage>& packages) {
    WIN32_FIND_DATAW found{};
    const OwnedByCall search(calls.find_first((directory + pattern).c_str(), &found),
                             INVALID_HANDLE_VALUE, calls.find_close);
    if (!search) {
        return ::GetLastError() == ERROR_FILE_NOT_FOUND
                   ? Result<void>()
                   : fail_last("list driver packages", narrow(directory));
    }
    do {
        const auto added =
            add_if_ours(calls, directory + found.cFileName, found.cFileName, packages);
        if (!added) {
            return added;
        }
    } while (calls.find_next(search.get(), &found));
    return ::GetLastError() == ERROR_NO_MORE_FILES
               ? Result<void>()
               : fail_last("list driver packages", narrow(directory));
}

}  // namespace

Result<std::string> read_file(const InstallCalls& calls, const std::wstring& path,
                              std::size_t most) {
    const OwnedByCall file(
        calls.open_file(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                        OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr),
        INVALID_HANDLE_VALUE, calls.close_handle);
    LARGE_INTEGER size{};
    if (!file || !calls.file_size(file.get(), &size)) {
        return fail_last("read file", narrow(path));
    }
    if (size.QuadPart < 0 || static_cast<std::uint64_t>(size.QuadPart) > most) {
        return fail("read file", ERROR_FILE_TOO_LARGE, Reaction::reject,
                    narrow(path) + ": larger than " + std::to_string(most) + " bytes");
    }
    std::string bytes(static_cast<std::size_t>(size.QuadPart), '\0');
    DWORD got = 0;
    if (!calls.read_file(file.get(), bytes.data(), static_cast<DWORD>(bytes.size()), &got,
                         nullptr)) {
        return fail_last("read file", narrow(path));
    }
    bytes.resize(got);
    return bytes;
}

Result<std::vector<DriverPackage>> list_packages(const InstallCalls& calls) {
    const auto directory = inf_directory(calls);
    if (!directory) {
        return tl::unexpected(directory.error());
    }
    std::vector<DriverPackage> packages;
    for (const wchar_t* const pattern : kPatterns) {
        if (auto added = add_matching(calls, *directory, pattern, packages); !added) {
            return tl::unexpected(added.error());
        }
    }
    return packages;
}

Result<void> remove_package(const InstallCalls& calls, const std::string& name) {
    if (!calls.uninstall_inf(widen(name).c_str(), SUOI_FORCEDELETE, nullptr)) {
        return fail_last("remove package", name);
    }
    return {};
}

Result<NewPackage> read_package(const InstallCalls& calls, const std::string& inf) {
    const auto path = absolute_path(calls, inf);
    const auto bytes = path.and_then(
        [&](const std::wstring& full) { return read_file(calls, full, kMaxInfBytes); });
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const std::string text = decode_inf(*bytes);
    NewPackage package{narrow(*path), driver_version(text)};
    if (!names_hardware_id(text, kHardwareId) || package.version.empty()) {
        return fail("read package", 0, Reaction::reject,
                    inf + ": no INF of this driver, which names " + kHardwareId +
                        " and has a DriverVer with a number");
    }
    return package;
}

}  // namespace pf::os
