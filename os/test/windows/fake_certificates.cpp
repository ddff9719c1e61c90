// Certificates are the system's own, in stores in memory; what is open is counted.
#include "fake_calls.hpp"
#include "fake_windows.hpp"
#include "wide_text.hpp"

namespace pf::os::test {
namespace {

BOOL WINAPI decode_pem(PCSTR text, DWORD size, DWORD flags, BYTE* bytes, DWORD* length,
                       DWORD* skipped, DWORD* kind) {
    return !fake_windows->fail_now("CryptStringToBinaryA") &&
           ::CryptStringToBinaryA(text, size, flags, bytes, length, skipped, kind);
}

PCCERT_CONTEXT counted(PCCERT_CONTEXT certificate) {
    fake_windows->open += certificate != nullptr;
    return certificate;
}

PCCERT_CONTEXT WINAPI make_certificate(DWORD encoding, const BYTE* bytes, DWORD size) {
    return fake_windows->fail_now("CertCreateCertificateContext")
               ? nullptr
               : counted(::CertCreateCertificateContext(encoding, bytes, size));
}

BOOL WINAPI free_certificate(PCCERT_CONTEXT certificate) {
    --fake_windows->open;
    return ::CertFreeCertificateContext(certificate);
}

BOOL WINAPI set_property(PCCERT_CONTEXT certificate, DWORD property, DWORD flags,
                         const void* value) {
    return !fake_windows->fail_now("CertSetCertificateContextProperty") &&
           ::CertSetCertificateContextProperty(certificate, property, flags, value);
}

BOOL WINAPI get_property(PCCERT_CONTEXT certificate, DWORD property, void* value, DWORD* size) {
    return !fake_windows->fail_now("CertGetCertificateContextProperty") &&
           ::CertGetCertificateContextProperty(certificate, property, value, size);
}

HCERTSTORE WINAPI open_store(LPCSTR, DWORD, HCRYPTPROV_LEGACY, DWORD, const void* name) {
    if (fake_windows->fail_now("CertOpenStore")) {
        return nullptr;
    }
    ++fake_windows->open;
    return ::CertDuplicateStore(fake_windows->stores.at(narrow(static_cast<const wchar_t*>(name))));
}

BOOL WINAPI close_store(HCERTSTORE store, DWORD flags) {
    --fake_windows->open;
    return ::CertCloseStore(store, flags);
}

BOOL WINAPI control_store(HCERTSTORE, DWORD, DWORD, const void*) {
    return !fake_windows->fail_now("CertControlStore");
}

BOOL WINAPI add_certificate(HCERTSTORE store, PCCERT_CONTEXT certificate, DWORD disposition,
                            PCCERT_CONTEXT* added) {
    return !fake_windows->fail_now("CertAddCertificateContextToStore") &&
           ::CertAddCertificateContextToStore(store, certificate, disposition, added);
}

PCCERT_CONTEXT WINAPI find_certificate(HCERTSTORE store, DWORD encoding, DWORD flags, DWORD kind,
                                       const void* what, PCCERT_CONTEXT before) {
    fake_windows->open -= before != nullptr;  // freed, whatever comes
    if (fake_windows->fail_now("CertFindCertificateInStore")) {
        ::CertFreeCertificateContext(before);
        return nullptr;
    }
    return counted(::CertFindCertificateInStore(store, encoding, flags, kind, what, before));
}

BOOL WINAPI delete_certificate(PCCERT_CONTEXT certificate) {
    --fake_windows->open;  // freed, whatever comes
    if (fake_windows->fail_now("CertDeleteCertificateFromStore")) {
        ::CertFreeCertificateContext(certificate);
        return FALSE;
    }
    return ::CertDeleteCertificateFromStore(certificate);
}

}  // namespace

void add_certificate_calls(InstallCalls& calls) {
    calls.decode_pem = decode_pem;
    calls.make_certificate = make_certificate;
    calls.free_certificate = free_certificate;
    calls.set_certificate_property = set_property;
    calls.get_certificate_property = get_property;
    calls.open_store = open_store;
    calls.close_store = close_store;
    calls.control_store = control_store;
    calls.add_certificate = add_certificate;
    calls.find_certificate = find_certificate;
    calls.delete_certificate = delete_certificate;
}

}  // namespace pf::os::test
