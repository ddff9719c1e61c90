#include "xorg_keeper.hpp"

#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "keep_time.hpp"
#include "process/output/descriptor_source.hpp"
#include "xorg_custody.hpp"

namespace pf::driver {
namespace {

constexpr std::int64_t kCustodyNs = 10 * os::kSecond;
// How often to look where the system has no watch on directories left to give.
constexpr std::int64_t kLookNs = os::kSecond;

// Readable when a file of the directory was replaced: how the record changes.
os::Handle watch_directory(const std::string& directory) {
    os::Handle watch = os::Handle::adopt(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (watch &&
        ::inotify_add_watch(static_cast<int>(watch.native()), directory.c_str(), IN_MOVED_TO) < 0) {
        watch.reset();
    }
    return watch;
}

class Keeper {
public:
    Keeper(std::string directory, std::int64_t grace_ns)
        : directory_(std::move(directory)), files_(directory_), grace_ns_(grace_ns) {}

    int run();

private:
    // The record, as long as it is about our server.
    std::optional<XorgRecord> its_record() const;
    bool time_is_up() const;
    // Ends what nobody adopted until now. False: somebody did.
    bool end_it();
    void wait_for_change(const os::Process& driver);

    std::string directory_;
    XorgFiles files_;
    std::int64_t grace_ns_;
    os::Process server_;
    os::ProcessIdentity identity_;  // the server's
    os::Handle watch_;
    std::optional<std::int64_t> orphan_since_ns_;
};

int Keeper::run() {
    const auto record = read_xorg_record(files_);
    if (!record) {
        return 0;
    }
    identity_ = record->process;
    server_ = open_identified(identity_);
    watch_ = watch_directory(directory_);
    while (const auto current = its_record()) {
        const os::Process driver = open_identified(current->driver);
        if (driver) {
            orphan_since_ns_.reset();
        } else if (!orphan_since_ns_) {
            orphan_since_ns_ = os::now_ns();
        }
        if (!driver && time_is_up() && end_it()) {
            return 0;
        }
        wait_for_change(driver);
    }
    return 0;
}

std::optional<XorgRecord> Keeper::its_record() const {
    auto record = read_xorg_record(files_);
    return record && record->process == identity_ ? std::move(record) : std::nullopt;
}

// A dead server waits for nobody.
bool Keeper::time_is_up() const {
    return !server_ || !server_.alive() ||
           (grace_ns_ != os::kNever && os::now_ns() - *orphan_since_ns_ >= grace_ns_);
}

// What adopts does so under the same lock, so the look and the end are one step.
bool Keeper::end_it() {
    const auto custody = XorgCustody::take(directory_, os::deadline_after(kCustodyNs));
    if (!custody) {
        return false;
    }
    const auto record = its_record();
    if (!record || open_identified(record->driver)) {
        return false;
    }
    if (server_) {
        end_process(server_);
    }
    remove_remains(*record, files_);
    return true;
}

// While a driver has the server, only its end matters: it cleans up behind its own server itself.
void Keeper::wait_for_change(const os::Process& driver) {
    std::int64_t deadline_ns = os::kNever;
    DescriptorSource watch(watch_.native());
    std::array<os::WaitItem, 3> items{driver};
    if (!driver) {
        items = {driver, server_, watch};
        if (grace_ns_ != os::kNever) {
            deadline_ns = *orphan_since_ns_ + grace_ns_;
        }
        if (!watch_) {
            deadline_ns = std::min(deadline_ns, os::deadline_after(kLookNs));
        }
    }
    os::wait(items, deadline_ns);
    char news[4096];
    while (watch_ && ::read(static_cast<int>(watch_.native()), news, sizeof news) > 0) {
    }
}

}  // namespace

os::Result<os::Process> start_keeper(const std::string& directory, const XorgKeeping& keeping) {
    os::ChildProcess::Options options;
    options.arguments = {keeping.program, kKeeperMode, directory,
                         keeping.grace_ns == os::kNever
                             ? std::string("never")
                             : std::to_string(keeping.grace_ns / os::kSecond)};
    options.output_file = "/dev/null";
    options.detached = true;
    const auto child = os::ChildProcess::spawn(options);
    return child ? os::Process::open(child->process().pid()) : tl::unexpected(child.error());
}

int run_as_keeper(int count, const char* const* arguments) {
    if (count != 3 || std::string_view(arguments[0]) != kKeeperMode) {
        return -1;
    }
    const auto grace_ns = parse_keep(arguments[2]);
    if (!grace_ns || ::chdir("/") != 0) {
        return 2;
    }
    if (!os::Process::open(os::current_pid())) {
        return 1;  // where processes cannot be looked at, nobody may be taken for gone
    }
    ::prctl(PR_SET_NAME, "pf-xkeeper");
    return Keeper(arguments[1], *grace_ns).run();
}

}  // namespace pf::driver
