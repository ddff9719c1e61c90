// The system's calls that an install makes, as in setup_calls.hpp: whoever makes them is handed
// this table, so that a test can let each of them fail. Internal to os/windows.
#pragma once

#include "setup_calls.hpp"
// After windows.h.
#include <wincrypt.h>

namespace pf::os {

struct InstallCalls {
    SetupCalls setup;
    decltype(&::SetupDiGetDeviceInstallParamsW) get_install_params =
        ::SetupDiGetDeviceInstallParamsW;

    // The registry: an error code each, no last error.
    decltype(&::RegGetValueW) get_value = ::RegGetValueW;
    decltype(&::RegCloseKey) close_key = ::RegCloseKey;

    // The driver store.
    decltype(&::GetSystemWindowsDirectoryW) windows_directory = ::GetSystemWindowsDirectoryW;
    decltype(&::GetFullPathNameW) full_path = ::GetFullPathNameW;
    decltype(&::FindFirstFileW) find_first = ::FindFirstFileW;
    decltype(&::FindNextFileW) find_next = ::FindNextFileW;
    decltype(&::FindClose) find_close = ::FindClose;
    decltype(&::CreateFileW) open_file = ::CreateFileW;
    decltype(&::GetFileSizeEx) file_size = ::GetFileSizeEx;
    decltype(&::ReadFile) read_file = ::ReadFile;
    decltype(&::CloseHandle) close_handle = ::CloseHandle;
    decltype(&::SetupUninstallOEMInfW) uninstall_inf = ::SetupUninstallOEMInfW;

    // Certificates. delete_certificate frees what it is given, whatever comes of it.
    decltype(&::CryptStringToBinaryA) decode_pem = ::CryptStringToBinaryA;
    decltype(&::CertCreateCertificateContext) make_certificate = ::CertCreateCertificateContext;
    decltype(&::CertFreeCertificateContext) free_certificate = ::CertFreeCertificateContext;
    decltype(&::CertSetCertificateContextProperty) set_certificate_property =
        ::CertSetCertificateContextProperty;
    decltype(&::CertGetCertificateContextProperty) get_certificate_property =
        ::CertGetCertificateContextProperty;
    decltype(&::CertOpenStore) open_store = ::CertOpenStore;
    decltype(&::CertCloseStore) close_store = ::CertCloseStore;
    decltype(&::CertControlStore) control_store = ::CertControlStore;
    decltype(&::CertAddCertificateContextToStore) add_certificate =
        ::CertAddCertificateContextToStore;
    decltype(&::CertFindCertificateInStore) find_certificate = ::CertFindCertificateInStore;
    decltype(&::CertDeleteCertificateFromStore) delete_certificate =
        ::CertDeleteCertificateFromStore;

    // Services.
    decltype(&::OpenSCManagerW) open_services = ::OpenSCManagerW;
    decltype(&::OpenServiceW) open_service = ::OpenServiceW;
    decltype(&::StartServiceW) start_service = ::StartServiceW;
    decltype(&::ControlService) control_service = ::ControlService;
    decltype(&::DeleteService) delete_service = ::DeleteService;
    decltype(&::CloseServiceHandle) close_service = ::CloseServiceHandle;
};

}  // namespace pf::os
