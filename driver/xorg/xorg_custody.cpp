#include "xorg_custody.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "xorg_private_file.hpp"

namespace pf::driver {
namespace {

constexpr std::int64_t kStopNs = 3 * os::kSecond;  // from asking to killing
constexpr std::int64_t kLookAgainNs = 20 * os::kMillisecond;
constexpr std::size_t kMostRecordBytes = 16384;

}  // namespace

os::Result<XorgCustody> XorgCustody::take(const std::string& directory, std::int64_t deadline_ns) {
    constexpr const char* kTake = "decide about the X server";
    os::Handle handle =
        os::Handle::adopt(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle) {
        return os::fail_last(kTake, directory);
    }
    // Polled, as flock(2) itself has no deadline; the other one holds it for seconds at most.
    while (::flock(static_cast<int>(handle.native()), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return os::fail_last(kTake, directory);
        }
        if (os::now_ns() >= deadline_ns) {
            return os::fail(kTake, 0, os::Reaction::retry,
                            "another process still ends the one in " + directory + "; try again");
        }
        os::sleep_until(os::deadline_after(kLookAgainNs));
    }
    return XorgCustody(std::move(handle));
}

std::optional<XorgRecord> read_xorg_record(const XorgFiles& files) {
    const auto text = read_private_file(files.record, kMostRecordBytes);
    return text ? XorgRecord::decode(*text) : std::nullopt;
}

os::Result<os::Process> find_process(const os::ProcessIdentity& identity) {
    auto process = os::Process::open(identity.pid);
    if (process) {
        return process->identity() == identity ? std::move(process) : os::Process();
    }
    return process.error().reaction == os::Reaction::reopen ? os::Process() : std::move(process);
}

os::Process open_identified(const os::ProcessIdentity& identity) {
    return find_process(identity).value_or(os::Process());
}

void end_process(const os::Process& process) {
    os::stop_process(process, os::StopHow::ask);
    if (os::wait({process}, os::deadline_after(kStopNs))) {
        return;
    }
    os::stop_process(process, os::StopHow::kill);
    os::wait({process}, os::deadline_after(kStopNs));
}

void remove_remains(const XorgRecord& record, const XorgFiles& files) {
    remove_dead_display(record.display, record.process.pid);
    files.remove();
}

}  // namespace pf::driver
