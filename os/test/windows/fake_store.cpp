// Files, the driver store and services of the fake.
#include <cstring>

#include "fake_calls.hpp"
#include "fake_windows.hpp"
#include "wide_text.hpp"

namespace pf::os::test {
namespace {

struct File {
    std::string bytes;
};

struct Search {
    std::wstring prefix;
    std::size_t next = 0;
};

std::wstring name_of(const std::wstring& path) {
    return path.substr(path.find_last_of(L"\\/") + 1);
}

UINT WINAPI windows_directory(PWSTR path, UINT size) {
    if (fake_windows->fail_now("GetSystemWindowsDirectoryW")) {
        return 0;
    }
    ::lstrcpynW(path, L"C:\\Windows", static_cast<int>(size));
    return 10;
}

DWORD WINAPI full_path(PCWSTR path, DWORD size, PWSTR full, PWSTR*) {
    if (fake_windows->fail_now("GetFullPathNameW")) {
        return 0;
    }
    const std::wstring text = std::wstring(L"C:\\pack\\") + path;
    ::lstrcpynW(full, text.c_str(), static_cast<int>(size));
    return static_cast<DWORD>(text.size());
}

BOOL next_of(Search& search, WIN32_FIND_DATAW* found, DWORD at_the_end) {
    while (search.next < fake_windows->packages.size()) {
        const std::wstring& name = fake_windows->packages[search.next++].name;
        if (name.starts_with(search.prefix)) {
            ::lstrcpynW(found->cFileName, name.c_str(), MAX_PATH);
            return TRUE;
        }
    }
    return refuse(at_the_end);
}

HANDLE WINAPI find_first(PCWSTR pattern, WIN32_FIND_DATAW* found) {
    if (fake_windows->fail_now("FindFirstFileW")) {
        return INVALID_HANDLE_VALUE;
    }
    const std::wstring name = name_of(pattern);
    Search search{name.substr(0, name.find(L'*'))};
    if (!next_of(search, found, ERROR_FILE_NOT_FOUND)) {
        return INVALID_HANDLE_VALUE;
    }
    ++fake_windows->open;
    return new Search(search);
}

BOOL WINAPI find_next(HANDLE handle, WIN32_FIND_DATAW* found) {
    return !fake_windows->fail_now("FindNextFileW") &&
           next_of(*static_cast<Search*>(handle), found, ERROR_NO_MORE_FILES);
}

BOOL WINAPI find_close(HANDLE handle) {
    --fake_windows->open;
    delete static_cast<Search*>(handle);
    return TRUE;
}

std::string inf_text(const std::string& version) {
    return "[Version]\nDriverVer=11/25/2026," + version + "\n[Models]\nx=y,Root\\pf_vdisplay\n";
}

HANDLE WINAPI open_file(PCWSTR path, DWORD, DWORD, SECURITY_ATTRIBUTES*, DWORD, DWORD, HANDLE) {
    if (fake_windows->fail_now("CreateFileW")) {
        return INVALID_HANDLE_VALUE;
    }
    const std::wstring name = name_of(path);
    for (const FakePackage& package : fake_windows->packages) {
        if (package.name == name) {
            ++fake_windows->open;
            return new File{package.text.empty() ? inf_text(package.version) : package.text};
        }
    }
    const auto file = fake_windows->files.find(narrow(name));
    if (file == fake_windows->files.end()) {
        ::SetLastError(ERROR_FILE_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    ++fake_windows->open;
    return new File{name == L"new.inf" ? inf_text(fake_windows->new_version) : file->second};
}

BOOL WINAPI file_size(HANDLE handle, LARGE_INTEGER* size) {
    if (fake_windows->fail_now("GetFileSizeEx")) {
        return FALSE;
    }
    size->QuadPart = static_cast<LONGLONG>(static_cast<File*>(handle)->bytes.size());
    return TRUE;
}

BOOL WINAPI read_file(HANDLE handle, void* buffer, DWORD size, DWORD* got, OVERLAPPED*) {
    if (fake_windows->fail_now("ReadFile")) {
        return FALSE;
    }
    const std::string& bytes = static_cast<File*>(handle)->bytes;
    *got = std::min(size, static_cast<DWORD>(bytes.size()));
    std::memcpy(buffer, bytes.data(), *got);
    return TRUE;
}

BOOL WINAPI close_handle(HANDLE handle) {
    --fake_windows->open;
    delete static_cast<File*>(handle);
    return TRUE;
}

BOOL WINAPI uninstall_inf(PCWSTR name, DWORD, void*) {
    if (fake_windows->fail_now("SetupUninstallOEMInfW")) {
        return FALSE;
    }
    std::erase_if(fake_windows->packages,
                  [name](const FakePackage& package) { return package.name == name; });
    return TRUE;
}

SC_HANDLE open_one(const char* call) {
    if (fake_windows->fail_now(call)) {
        return nullptr;
    }
    ++fake_windows->open;
    return reinterpret_cast<SC_HANDLE>(std::uintptr_t{1});
}

SC_HANDLE WINAPI open_services(PCWSTR, PCWSTR, DWORD) {
    return open_one("OpenSCManagerW");
}

SC_HANDLE WINAPI open_service(SC_HANDLE, PCWSTR name, DWORD) {
    if (name != fake_windows->service) {
        refuse(ERROR_SERVICE_DOES_NOT_EXIST);
        return nullptr;
    }
    return open_one("OpenServiceW");
}

BOOL WINAPI control_service(SC_HANDLE, DWORD, SERVICE_STATUS*) {
    return !fake_windows->fail_now("ControlService");
}

BOOL WINAPI delete_service(SC_HANDLE) {
    if (fake_windows->fail_now("DeleteService")) {
        return FALSE;
    }
    fake_windows->service.clear();
    return TRUE;
}

BOOL WINAPI start_service(SC_HANDLE, DWORD, PCWSTR*) {
    return !fake_windows->fail_now("StartServiceW");
}

BOOL WINAPI close_service(SC_HANDLE) {
    --fake_windows->open;
    return TRUE;
}

}  // namespace

void add_store_calls(InstallCalls& calls) {
    calls.windows_directory = windows_directory;
    calls.full_path = full_path;
    calls.find_first = find_first;
    calls.find_next = find_next;
    calls.find_close = find_close;
    calls.open_file = open_file;
    calls.file_size = file_size;
    calls.read_file = read_file;
    calls.close_handle = close_handle;
    calls.uninstall_inf = uninstall_inf;
    calls.open_services = open_services;
    calls.open_service = open_service;
    calls.start_service = reinterpret_cast<decltype(calls.start_service)>(start_service);
    calls.control_service = control_service;
    calls.delete_service = delete_service;
    calls.close_service = close_service;
}

}  // namespace pf::os::test
