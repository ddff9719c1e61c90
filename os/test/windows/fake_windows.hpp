// A Windows in memory, as far as an install sees it: devices, a driver store, files, certificate
// stores, services. Its calls count what is open, and one of them can be told to fail. One at a
// time: the calls are plain functions and find it through a pointer.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "install_calls.hpp"

namespace pf::os::test {

struct FakeDevice {
    std::wstring id;
    std::wstring hardware_id = L"Root\\pf_vdisplay";
    bool monitor = false;    // of class Monitor, else Display
    bool present = true;     // false: a phantom
    bool marked = false;     // a phantom that is listed as present
    bool registered = true;  // false: goes with the list that made it
    bool disabled = false;
    std::string version = {};  // of its driver; empty: none
    std::wstring package = {};
    std::string loaded = {};  // what runs; empty: nothing
    std::wstring service = {};
    std::string pending = {};  // that a restart brings
};

struct FakePackage {
    std::wstring name;
    std::string version;
    std::string text = {};  // instead of an INF of ours
};

// How a system is that keeps the old driver.
enum class Kept {
    never,
    until_restart,  // says that a restart is pending; a restart of the node brings the new one
    silently,       // says nothing, and a restart does not help while the old package is there
    for_ever,
};

class FakeWindows {
public:
    FakeWindows();
    ~FakeWindows();
    FakeWindows(const FakeWindows&) = delete;

    InstallCalls calls();

    // What there is.
    std::deque<FakeDevice> devices;
    std::vector<FakePackage> packages;
    std::map<std::string, std::string> files;  // by name without folders: package, certificate
    std::string new_version = "0.2.0.0";       // of the package that is installed
    Kept kept = Kept::never;
    bool restarts_devices = true;  // false: the caller is to do the default (Wine)
    bool installs = true;          // false: UpdateDriver fails
    bool runs = true;              // false: a driver that was installed does not start
    std::wstring service = {};     // the one that there is

    // How often a call was made that may fail; the one with that number does.
    int made = 0;
    int fails_at = -1;
    std::string failed;  // which

    int open = 0;  // lists, keys, files, searches, stores, services, certificates

    std::size_t count(bool present) const;                                  // devices of our id
    std::vector<std::string> certificates(const std::string& store) const;  // their names
    // One put there earlier, of which install knows nothing.
    void add_certificate(const std::string& store, const std::string& pem);
    // Everything that an install may change, to be compared.
    std::string picture() const;

    // For the calls.
    bool fail_now(const char* call);
    std::map<std::string, HCERTSTORE> stores;
};

extern FakeWindows* fake_windows;  // the one that lives

// Three certificates, PEM: two of one subject ("pf-test"), one of another ("pf other").
extern const char kCertificateA[];
extern const char kCertificateB[];
extern const char kCertificateOfAnother[];

}  // namespace pf::os::test
