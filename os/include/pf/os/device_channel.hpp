// The driver as the host sees it: instances of the device interface, a control channel to one of
// them, and handles given into its process. Linux: a directory per instance with a socket and a
// state file; Windows: SetupAPI, DeviceIoControl, DuplicateHandle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/handle.hpp>
#include <pf/os/patience.hpp>
#include <pf/os/process.hpp>
#include <pf/os/shared_memory.hpp>

namespace pf::os {

enum class InstanceState {
    active,    // a living driver process serves it
    starting,  // a living one will, and says what it waits for
    stale,     // its process is gone and left it behind
    failed,    // its driver says that it cannot work
    stopped,   // ended in an orderly way
};

std::string_view to_string(InstanceState state);

struct Instance {
    std::string name;
    InstanceState state = InstanceState::stale;
    std::string reason;          // one line for people; of an active one: what it cannot do now
    std::uint32_t pid = 0;       // of the living driver process; 0: none, or it has none here
    std::uint32_t protocol = 0;  // that its driver speaks or spoke; 0 when unknown
    std::vector<std::string> monitors = {};  // of an active one, one line for people each
    std::string display = {};                // of an active one with an X screen: ":40"; else empty
    std::string xauthority = {};  // path of the file that lets programs onto it; empty: none needed
};

// What to put before a program's name in a shell to start it on the display:
// "DISPLAY=:40 XAUTHORITY='/run/user/0/pf-vdisplay/main/xauthority'", the path quoted where it
// has to be.
std::string display_environment(std::string_view display, std::string_view xauthority);

// Every instance, in name order. An absent runtime directory is an empty list; one that others
// may write to is an error.
Result<std::vector<Instance>> list_instances();

// What a handle may be used for in the other process.
enum class Right { memory_read_write, event_signal };

// An object that another process is given a handle of its own to. Refers to the object.
class Gift {
public:
    Gift(const Event& event) : handle_(&event.handle()), right_(Right::event_signal) {}
    Gift(const Region& memory) : handle_(&memory.handle()), right_(Right::memory_read_write) {}
    const Handle& handle() const { return *handle_; }
    Right right() const { return right_; }

private:
    const Handle* handle_;
    Right right_;
};

// What a driver says beside the status of an operation. Its words are a stranger's: one line of
// valid UTF-8 without control characters, at most kTransportMaxReason bytes of it.
struct Remark {
    std::string line;    // why; empty: nothing was said
    bool final = false;  // the same request fails again: no use in asking this driver twice
};

class DeviceChannel {
public:
    // Opens an instance by name, active or not (that decision is the caller's). Refuses a peer
    // that runs as another user, and a pid that is not the process at the other end. Waits for the
    // patience's end at most, and no longer than an open may take (Linux: 1 s; Windows: 10 s, and
    // kWedged from then on). `driver_image` is for trust(), where the system does not name the
    // driver's process: the path of its program, "any", or empty for the system's own.
    static Result<std::unique_ptr<DeviceChannel>> open(const std::string& instance,
                                                       const Patience& patience = {},
                                                       const std::string& driver_image = {});
    virtual ~DeviceChannel() = default;

    // One control operation. Returns how many bytes of `output` the driver wrote. Any thread;
    // calls do not wait for each other, and the driver may answer them in any order. An error that
    // is unanswered() leaves open what became of it; a dead peer gives reaction reopen, and so does
    // every later call. NTSTATUS answers become errors whose code is the NTSTATUS and whose detail
    // is what the driver says about it, else what such a status usually means; one that the driver
    // calls final has reaction reject. A `remark` that is not null is told what came beside a
    // success.
    virtual Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                                     std::span<std::byte> output, const Patience& patience,
                                     Remark* remark = nullptr) = 0;

    // Gives the driver's process handles of its own to the same objects; the values, in the same
    // order, name them there. All or none: what was given before an error is taken back. All are
    // sent before the first answer is waited for. The caller stays the values' owner until an
    // operation that adopts them succeeds. Bug: an empty handle, or the driver's process is not
    // known yet.
    virtual Result<std::vector<std::uint64_t>> give_all(std::span<const Gift> gifts,
                                                        const Patience& patience) = 0;
    Result<std::uint64_t> give(const Gift& gift, const Patience& patience) {
        return give_all({&gift, 1}, patience).map([](const auto& values) { return values[0]; });
    }
    // Closes a value that was given and that no operation adopted. Not after an adoption whose
    // outcome is unknown: the value may name another handle of the driver's by then.
    virtual Result<void> close_remote(std::uint64_t value, const Patience& patience) = 0;

    // The process at the other end; empty until it is known. Linux: the kernel names it when the
    // channel is opened. Windows: a device handle names nobody, and trust() does.
    virtual const Process& driver_process() const = 0;
    // The driver calls itself `pid` (AddReply::wudf_pid). Reject: that is not the process known, or
    // one that nothing is to be given to.
    virtual Result<void> trust(std::uint32_t pid) = 0;

    // Whether one answer that the peer is gone says that it will never be back on this channel.
    virtual bool gone_is_final() const { return true; }

    // Gives the device up before the last user lets go: an open device keeps its node from being
    // restarted. Every call under way ends, and later ones fail with reaction reopen. Does nothing
    // where nobody minds.
    virtual void hang_up() {}

    // Codes of errors of reaction retry.
    static constexpr std::int64_t kTimeout = -1;    // the deadline passed
    static constexpr std::int64_t kCancelled = -2;  // the flag was set
    // Of open() alone: the device keeps whoever opens it waiting. Fails at once as long as the
    // open that found it so has not come back.
    static constexpr std::int64_t kWedged = -3;
    // The driver may do what was asked, or have done it.
    static bool unanswered(const Error& error) {
        return error.code == kTimeout || error.code == kCancelled;
    }
};

}  // namespace pf::os
