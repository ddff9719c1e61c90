#include <pf/os/output_file.hpp>

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <pf/os/wait.hpp>

#include "descriptor_poll.hpp"
#include "native_codes.hpp"

namespace pf::os {
namespace {

constexpr const char* kOpen = "open output file";
constexpr const char* kWrite = "write output file";
constexpr std::int64_t kLook = 20 * kMillisecond;  // from look to look at a reader
constexpr int kPipeBytes = 1 << 20;                // Linux gives an unprivileged pipe so much

std::string describe(const std::string& name, int code) {
    switch (code) {
        case EPIPE: return name + ": its reader is gone";
        case EFBIG: return name + ": beyond the limit of a file's size (ulimit -f)";
        case ENXIO: return name + ": nobody reads it";
        default: return name + ": " + std::generic_category().message(code);
    }
}

tl::unexpected<Error> fail_code(const char* operation, int code, const std::string& name) {
    return fail(operation, code, reaction_of_native(code), describe(name, code));
}

// SIGPIPE and SIGXFSZ come to the thread whose write(2) caused them. Held back and taken away
// here, they leave the disposition, which is the process's, alone.
class WriteSignals {
public:
    WriteSignals() {
        ::sigemptyset(&set_);
        ::sigaddset(&set_, SIGPIPE);
        ::sigaddset(&set_, SIGXFSZ);
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ =
            ::sigismember(&pending, SIGPIPE) == 1 || ::sigismember(&pending, SIGXFSZ) == 1;
        ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    }
    ~WriteSignals() {
        const timespec now{};
        if (!was_pending_) {
            while (::sigtimedwait(&set_, nullptr, &now) > 0) {
            }
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    WriteSignals(const WriteSignals&) = delete;
    WriteSignals& operator=(const WriteSignals&) = delete;

private:
    sigset_t set_, before_;
    bool was_pending_ = false;
};

bool is_fifo(const std::string& path) {
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISFIFO(facts.st_mode);
}

// Never waits: a FIFO without a reader is ENXIO.
int open_once(const std::string& path, bool& created) {
    constexpr int kFlags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    constexpr mode_t kEveryone = 0666;  // less the umask
    int descriptor = ::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kEveryone);
    created = descriptor >= 0;
    if (descriptor < 0 && errno == EEXIST) {
        descriptor = ::open(path.c_str(), kFlags | O_CREAT, kEveryone);
    }
    return descriptor;
}

}  // namespace

Result<std::shared_ptr<OutputFile>> OutputFile::open(const std::string& path,
                                                     const Patience& patience) {
    bool created = false;
    int descriptor = open_once(path, created);
    while (descriptor < 0 && errno == ENXIO && is_fifo(path)) {
        const std::int64_t turn_ns = std::min(now_ns() + kLook, patience.deadline_ns);
        const bool cancelled =
            wait({patience.flags[0], patience.flags[1], patience.flags[2]}, turn_ns);
        if (cancelled || now_ns() >= patience.deadline_ns) {
            return fail_code(kOpen, ENXIO, path);
        }
        descriptor = open_once(path, created);
    }
    if (descriptor < 0) {
        return fail_code(kOpen, errno, path);
    }
    std::shared_ptr<OutputFile> file(new OutputFile(Handle::adopt(descriptor), path));
    file->created_ = created;
    file->named_ = true;
    if (auto known = file->inspect(); !known) {
        return tl::unexpected(known.error());
    }
    return file;
}

// A pipe's O_NONBLOCK belongs to everybody who writes to it, so ours is opened anew; where that is
// not possible, each write is what a pipe or socket that is ready takes at least.
Result<std::shared_ptr<OutputFile>> OutputFile::standard_output() {
    const std::string name = "standard output";
    struct stat facts {};
    if (::fstat(STDOUT_FILENO, &facts) != 0) {
        return fail_code(kOpen, errno, name);
    }
    int descriptor = -1;
    if (S_ISFIFO(facts.st_mode)) {
        descriptor = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    }
    const bool own = descriptor >= 0;
    if (!own) {
        descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    }
    if (descriptor < 0) {
        return fail_code(kOpen, errno, name);
    }
    std::shared_ptr<OutputFile> file(new OutputFile(Handle::adopt(descriptor), name));
    if (auto known = file->inspect(); !known) {
        return tl::unexpected(known.error());
    }
    if (!own && file->has_reader()) {
        file->step_ = PIPE_BUF;
    }
    return file;
}

Result<void> OutputFile::inspect() {
    const int descriptor = descriptor_of(handle_);
    struct stat facts {};
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (::fstat(descriptor, &facts) != 0 || flags < 0) {
        return fail_code(kOpen, errno, name_);
    }
    if (S_ISFIFO(facts.st_mode)) {
        (void)::fcntl(descriptor, F_SETPIPE_SZ, kPipeBytes);  // fewer turns; not needed
    }
    regular_ = S_ISREG(facts.st_mode) || S_ISBLK(facts.st_mode);
    const off_t at = regular_ ? ::lseek(descriptor, 0, SEEK_CUR) : -1;
    seekable_ = at >= 0 && (flags & O_APPEND) == 0;
    base_ = seekable_ ? at : 0;
    return {};
}

OutputFile::~OutputFile() = default;

tl::unexpected<Error> OutputFile::keep(const Error& error) {
    if (!failure_) {
        failure_ = error;
    }
    return tl::unexpected(*failure_);
}

Result<void> OutputFile::wait_for_reader() const {
    const std::int64_t since_ns = now_ns();
    while (!poll_one(handle_, POLLOUT, now_ns() + kLook)) {  // an end is for write(2) to name
        if (now_ns() - since_ns >= limit_ns_) {
            return fail(kWrite, 0, Reaction::reject, name_ + ": its reader takes nothing more");
        }
    }
    return {};
}

Result<void> OutputFile::write_all(std::span<const std::byte> bytes) {
    const int descriptor = descriptor_of(handle_);
    while (!bytes.empty()) {
        if (step_ != SIZE_MAX) {
            if (auto ready = wait_for_reader(); !ready) {
                return ready;
            }
        }
        const ssize_t count = ::write(descriptor, bytes.data(), std::min(bytes.size(), step_));
        if (count >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            if (auto ready = wait_for_reader(); !ready) {
                return ready;
            }
        } else if (errno != EINTR) {
            return fail_code(kWrite, errno, name_);
        }
    }
    return {};
}

Result<void> OutputFile::write(std::span<const std::byte> bytes) {
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    const WriteSignals held;
    auto written = write_all(bytes);
    return written ? written : keep(written.error());
}

Result<void> OutputFile::seek(std::int64_t position) {
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    if (::lseek(descriptor_of(handle_), base_ + position, SEEK_SET) < 0) {
        return keep(fail_code(kWrite, errno, name_).value());
    }
    return {};
}

Result<void> OutputFile::truncate(std::int64_t bytes) {
    struct stat facts {};
    const int descriptor = descriptor_of(handle_);
    if (named_ && ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) &&
        ::ftruncate(descriptor, bytes) != 0) {
        return keep(fail_code(kWrite, errno, name_).value());
    }
    return {};
}

Result<void> OutputFile::close() {
    if (handle_) {
        const int closed = ::close(descriptor_of(handle_));
        (void)handle_.release();  // gone, whatever close(2) says
        if (closed != 0 && errno != EINTR) {
            return keep(fail_code(kWrite, errno, name_).value());
        }
    }
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    return {};
}

Result<void> OutputFile::remove() {
    struct stat facts {};
    const bool ours = named_ && ::lstat(name_.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
    handle_.reset();
    if (ours && ::unlink(name_.c_str()) != 0) {
        return fail_code("remove output file", errno, name_);
    }
    return {};
}

}  // namespace pf::os
