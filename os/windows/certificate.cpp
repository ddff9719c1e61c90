#include "certificate.hpp"

#include <cstring>

#include "driver_store.hpp"
#include "owned_by_call.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

constexpr DWORD kEncoding = X509_ASN_ENCODING | PKCS_7_ASN_ENCODING;
constexpr std::size_t kMaxCertificateBytes = 1u << 16;
constexpr unsigned kMostOfOneKind = 64;  // in one store; a store that gives more is not believed
constexpr wchar_t kMark[] = L"pf-vdisplay driver";  // the friendly name of what we add

using Certificate = OwnedByCall<PCCERT_CONTEXT, decltype(&::CertFreeCertificateContext)>;

struct Store {
    Store(const InstallCalls& table, const wchar_t* store_name)
        : calls(table), name(narrow(store_name)), handle(open(table, store_name)) {}
    ~Store() {
        if (handle != nullptr) {
            const DWORD error = ::GetLastError();
            (void)calls.close_store(handle, 0);
            ::SetLastError(error);
        }
    }
    Store(const Store&) = delete;

    static HCERTSTORE open(const InstallCalls& table, const wchar_t* store_name) {
        return table.open_store(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE,
                                store_name);
    }

    const InstallCalls& calls;
    const std::string name;
    const HCERTSTORE handle;
};

// What was changed goes to the registry now, and not only if closing the store happens to do it.
Result<void> commit(const Store& store) {
    if (store.calls.control_store(store.handle, 0, CERT_STORE_CTRL_COMMIT, nullptr)) {
        return {};
    }
    const DWORD why = ::GetLastError();  // a store that holds nothing back cannot do it
    return why == ERROR_CALL_NOT_IMPLEMENTED || why == ERROR_NOT_SUPPORTED
               ? Result<void>()
               : fail_last("save certificates", "of the store " + store.name);
}

Certificate owned(const InstallCalls& calls, PCCERT_CONTEXT context) {
    return {context, nullptr, calls.free_certificate};
}

bool same(PCCERT_CONTEXT a, PCCERT_CONTEXT b) {
    return a->cbCertEncoded == b->cbCertEncoded &&
           std::memcmp(a->pbCertEncoded, b->pbCertEncoded, a->cbCertEncoded) == 0;
}

enum class Mark { ours, other, unreadable };

Mark mark_of(const InstallCalls& calls, PCCERT_CONTEXT certificate) {
    wchar_t name[64] = {};
    DWORD size = sizeof name;
    if (calls.get_certificate_property(certificate, CERT_FRIENDLY_NAME_PROP_ID, name, &size)) {
        return std::wstring_view(name) == kMark ? Mark::ours : Mark::other;
    }
    const auto why = static_cast<HRESULT>(::GetLastError());
    return why == CRYPT_E_NOT_FOUND || why == ERROR_MORE_DATA ? Mark::other : Mark::unreadable;
}

std::string subject_of(PCCERT_CONTEXT certificate) {
    wchar_t text[256] = {};
    ::CertGetNameStringW(certificate, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, nullptr, text, 256);
    return narrow(text);
}

// The first that `wanted` accepts; empty: none. The system lists those of `find` kind.
template <typename Wanted>
Certificate find(const Store& store, DWORD kind, const void* what, Wanted&& wanted) {
    PCCERT_CONTEXT found = nullptr;
    do {  // each call frees what the one before it found
        found = store.calls.find_certificate(store.handle, kEncoding, 0, kind, what, found);
    } while (found != nullptr && !wanted(found));
    return owned(store.calls, found);
}

// Takes away all that `wanted` accepts; `removed` grows by how many, whatever comes of it.
template <typename Wanted>
Result<void> remove_all(const Store& store, DWORD kind, const void* what, unsigned& removed,
                        Wanted&& wanted) {
    for (unsigned i = 0; i < kMostOfOneKind; ++i) {
        ::SetLastError(ERROR_SUCCESS);
        Certificate certificate = find(store, kind, what, wanted);
        if (!certificate) {
            const auto end = static_cast<HRESULT>(::GetLastError());
            return end == CRYPT_E_NOT_FOUND || end == ERROR_SUCCESS
                       ? Result<void>()
                       : fail_last("search certificates", "of the store " + store.name);
        }
        if (!store.calls.delete_certificate(certificate.release())) {
            return fail_last("remove certificate", "from the store " + store.name);
        }
        ++removed;
    }
    return fail("remove certificate", 0, Reaction::reject,
                "the store " + store.name + " has more than " + std::to_string(kMostOfOneKind));
}

bool is_in(const Store& store, PCCERT_CONTEXT certificate) {
    return static_cast<bool>(find(store, CERT_FIND_SUBJECT_NAME, &certificate->pCertInfo->Subject,
                                  [&](PCCERT_CONTEXT other) { return same(other, certificate); }));
}

Result<void> add(const Store& store, PCCERT_CONTEXT certificate) {
    if (!store.calls.add_certificate(store.handle, certificate, CERT_STORE_ADD_REPLACE_EXISTING,
                                     nullptr)) {
        return fail_last("trust certificate", "the store " + store.name + " does not take it");
    }
    return {};
}

Result<std::string> as_der(const InstallCalls& calls, const std::string& bytes,
                           const std::string& file) {
    constexpr char kSequence = 0x30;  // what DER begins with
    if (!bytes.empty() && bytes[0] == kSequence) {
        return bytes;
    }
    std::string der(bytes.size(), '\0');
    auto size = static_cast<DWORD>(der.size());
    if (bytes.empty() ||
        !calls.decode_pem(bytes.data(), static_cast<DWORD>(bytes.size()), CRYPT_STRING_BASE64HEADER,
                          reinterpret_cast<BYTE*>(der.data()), &size, nullptr, nullptr)) {
        return fail_last("read certificate", file + ": neither DER nor PEM");
    }
    der.resize(size);
    return der;
}

Certificate make(const InstallCalls& calls, const std::string& der) {
    return owned(calls, calls.make_certificate(kEncoding, reinterpret_cast<const BYTE*>(der.data()),
                                               static_cast<DWORD>(der.size())));
}

Result<void> trust_in(const InstallCalls& calls, const wchar_t* name, PCCERT_CONTEXT certificate,
                      TrustChange& change) {
    const Store store(calls, name);
    if (store.handle == nullptr) {
        return fail_last("open certificate store", narrow(name) + " of the local machine");
    }
    if (!is_in(store, certificate)) {
        if (auto added = add(store, certificate); !added) {
            return added;
        }
        change.added_to.push_back(store.name);
    }
    return remove_all(store, CERT_FIND_SUBJECT_NAME, &certificate->pCertInfo->Subject,
                      change.replaced,
                      [&](PCCERT_CONTEXT other) { return !same(other, certificate); })
        .and_then([&] { return commit(store); });
}

}  // namespace

Result<TrustChange> trust_certificate(const InstallCalls& calls, const std::string& file) {
    const auto bytes = read_file(calls, widen(file), kMaxCertificateBytes);
    const auto der =
        bytes.and_then([&](const std::string& read) { return as_der(calls, read, file); });
    if (!der) {
        return tl::unexpected(der.error());
    }
    const Certificate certificate = make(calls, *der);
    if (!certificate) {
        return fail_last("read certificate", file + " holds none");
    }
    CRYPT_DATA_BLOB mark{sizeof kMark, reinterpret_cast<BYTE*>(const_cast<wchar_t*>(kMark))};
    if (!calls.set_certificate_property(certificate.get(), CERT_FRIENDLY_NAME_PROP_ID, 0, &mark)) {
        return fail_last("mark certificate", file);
    }
    TrustChange change{*der, subject_of(certificate.get()), {}, 0};
    for (const wchar_t* const name : kCertificateStores) {
        if (auto trusted = trust_in(calls, name, certificate.get(), change); !trusted) {
            Error error = std::move(trusted).error();
            if (const auto back = take_back(calls, change); !back) {
                error.detail += "; what it was added to keeps it: " + back.error().message();
            }
            return tl::unexpected(std::move(error));
        }
    }
    return change;
}

Result<void> take_back(const InstallCalls& calls, const TrustChange& change) {
    if (change.added_to.empty()) {
        return {};
    }
    if (change.replaced != 0) {
        return fail("take certificate back", 0, Reaction::reject,
                    "'" + change.subject + "' has replaced earlier ones and stays");
    }
    const Certificate certificate = make(calls, change.certificate);
    Result<void> outcome;
    for (const std::string& name : change.added_to) {
        const Store store(calls, widen(name).c_str());
        if (!certificate || store.handle == nullptr) {
            outcome = fail_last("take certificate back", "from the store " + name);
            continue;
        }
        unsigned count = 0;
        const auto removed =
            remove_all(store, CERT_FIND_SUBJECT_NAME, &certificate.get()->pCertInfo->Subject, count,
                       [&](PCCERT_CONTEXT other) { return same(other, certificate.get()); })
                .and_then([&] { return commit(store); });
        outcome = removed ? outcome : removed;
    }
    return outcome;
}

Result<unsigned> forget_certificates(const InstallCalls& calls, const wchar_t* name) {
    const Store store(calls, name);
    if (store.handle == nullptr) {
        return fail_last("open certificate store", narrow(name) + " of the local machine");
    }
    unsigned removed = 0;
    bool unreadable = false;
    const auto is_ours = [&](PCCERT_CONTEXT certificate) {
        const Mark mark = mark_of(calls, certificate);
        unreadable |= mark == Mark::unreadable;
        return mark == Mark::ours;
    };
    const auto done = remove_all(store, CERT_FIND_ANY, nullptr, removed, is_ours).and_then([&] {
        return commit(store);
    });
    if (done && unreadable) {
        return fail("remove certificate", 0, Reaction::retry,
                    "one of the store " + store.name + " cannot be read; it may be ours");
    }
    return done.map([&] { return removed; });
}

}  // namespace pf::os
