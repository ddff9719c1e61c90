// The certificate that the driver is signed with, in the two stores of the local machine that
// Windows asks: Root and TrustedPublisher. What an install adds bears a mark, so that a removal
// finds it again. Internal to os/windows.
#pragma once

#include <string>
#include <vector>

#include <pf/os/driver_package.hpp>

#include "install_calls.hpp"

namespace pf::os {

inline constexpr const wchar_t* kCertificateStores[] = {L"Root", L"TrustedPublisher"};

// What trust_certificate() has changed, so that it can be taken back.
struct TrustChange {
    std::string certificate;            // its bytes (DER)
    std::string subject;                // for people
    std::vector<std::string> added_to;  // stores that did not have it
    unsigned replaced = 0;              // earlier ones of the same subject, taken away
    bool changed() const { return !added_to.empty() || replaced != 0; }
};

// Puts the certificate of the file (DER or PEM) into both stores and takes earlier ones of the same
// subject out of them. After an error neither store has it that did not have it before.
Result<TrustChange> trust_certificate(const InstallCalls& calls, const std::string& file);

// Takes back what was added. Not when earlier ones were replaced: what they had signed is trusted
// by this one now.
Result<void> take_back(const InstallCalls& calls, const TrustChange& change);

// Takes out of the store what an install has added; returns how many.
Result<unsigned> forget_certificates(const InstallCalls& calls, const wchar_t* store);

}  // namespace pf::os
