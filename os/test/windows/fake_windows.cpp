#include "fake_windows.hpp"

#include "fake_calls.hpp"
#include "wide_text.hpp"

namespace pf::os::test {

FakeWindows* fake_windows = nullptr;

FakeWindows::FakeWindows() {
    fake_windows = this;
    for (const char* const name : {"Root", "TrustedPublisher"}) {
        stores[name] = ::CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, nullptr);
    }
    files["new.inf"] = "";  // its text has new_version
    files["a.cer"] = kCertificateA;
}

FakeWindows::~FakeWindows() {
    for (const auto& [name, store] : stores) {
        ::CertCloseStore(store, 0);
    }
    fake_windows = nullptr;
}

InstallCalls FakeWindows::calls() {
    InstallCalls table;
    add_device_calls(table);
    add_store_calls(table);
    add_certificate_calls(table);
    return table;
}

bool FakeWindows::fail_now(const char* call) {
    if (++made != fails_at) {
        return false;
    }
    failed = call;
    ::SetLastError(ERROR_GEN_FAILURE);
    return true;
}

std::size_t FakeWindows::count(bool present) const {
    std::size_t number = 0;
    for (const FakeDevice& device : devices) {
        number += device.registered && !device.monitor &&
                  device.hardware_id == L"Root\\pf_vdisplay" &&
                  (device.present && !device.marked) == present;
    }
    return number;
}

std::vector<std::string> FakeWindows::certificates(const std::string& store) const {
    std::vector<std::string> names;
    PCCERT_CONTEXT found = nullptr;
    while ((found = ::CertEnumCertificatesInStore(stores.at(store), found)) != nullptr) {
        wchar_t name[64] = {};
        ::CertGetNameStringW(found, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, nullptr, name, 64);
        names.push_back(narrow(name));
    }
    return names;
}

void FakeWindows::add_certificate(const std::string& store, const std::string& pem) {
    BYTE bytes[2048];
    DWORD size = sizeof bytes;
    ::CryptStringToBinaryA(pem.c_str(), 0, CRYPT_STRING_BASE64HEADER, bytes, &size, nullptr,
                           nullptr);
    ::CertAddEncodedCertificateToStore(stores.at(store), X509_ASN_ENCODING, bytes, size,
                                       CERT_STORE_ADD_ALWAYS, nullptr);
}

std::string FakeWindows::picture() const {
    std::string text;
    for (const FakeDevice& device : devices) {
        if (device.registered) {
            text += narrow(device.id) + " " + device.version + "/" + device.loaded + "\n";
        }
    }
    text += narrow(service);
    for (const FakePackage& package : packages) {
        text += narrow(package.name) + " " + package.version + "\n";
    }
    for (const auto& [name, store] : stores) {
        for (const std::string& certificate : certificates(name)) {
            text += name + " " + certificate + "\n";
        }
    }
    return text;
}

}  // namespace pf::os::test
