// A file, a FIFO or standard output that is being written. Nothing stays behind in a buffer: what
// write() took, the system has. A reader that leaves and a limit of the file's size are errors,
// never a signal that ends the process, whatever the process does with SIGPIPE and SIGXFSZ.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <pf/os/clock.hpp>
#include <pf/os/handle.hpp>
#include <pf/os/patience.hpp>

namespace pf::os {

class OutputFile {
public:
    // Opens or creates; what a file holds stays until truncate(). Every name that the system takes
    // is a name. A FIFO waits for its reader as `patience` allows. Errors name the path.
    static Result<std::shared_ptr<OutputFile>> open(const std::string& path,
                                                    const Patience& patience);
    // A descriptor of its own; closing it leaves standard output open for others.
    static Result<std::shared_ptr<OutputFile>> standard_output();

    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    // All of it, or an error, which stays. Where a reader decides (a FIFO, a pipe, a terminal),
    // this waits for it; see give_up_after().
    Result<void> write(std::span<const std::byte> bytes);
    Result<void> seek(std::int64_t position);  // bytes from where it began; only when seekable()
    // A regular file that was opened by its name ends after `bytes` then, also when a write failed
    // before; what standard output is, is left to whoever opened it.
    Result<void> truncate(std::int64_t bytes = 0);
    // Once; later calls say the same. Gives the first error of any write, else that of closing.
    Result<void> close();
    Result<void>
    remove();  // closes, and takes the name of a regular file away, not of standard output
    // Any thread: from now on a write fails when its reader has taken nothing for so long.
    void give_up_after(std::int64_t limit_ns) { limit_ns_ = limit_ns; }

    bool seekable() const { return seekable_; }
    bool has_reader() const { return !regular_; }  // who may be slow, or leave
    bool created() const { return created_; }      // there was no such file
    const std::string& name() const { return name_; }
    const std::optional<Error>& failure() const { return failure_; }  // the first

private:
    OutputFile(Handle handle, std::string name)
        : handle_(std::move(handle)), name_(std::move(name)) {}
    Result<void> inspect();
    Result<void> write_all(std::span<const std::byte> bytes);
    Result<void> wait_for_reader() const;
    tl::unexpected<Error> keep(const Error& error);  // the first one stays

    Handle handle_;
    std::string name_;
    std::int64_t base_ = 0;        // where it began in the system's file
    std::size_t step_ = SIZE_MAX;  // bytes of one write(2)
    bool named_ = false;           // opened by its name
    bool regular_ = false;
    bool seekable_ = false;
    bool created_ = false;
    std::atomic<std::int64_t> limit_ns_{kNever};
    std::optional<Error> failure_;
};

}  // namespace pf::os
