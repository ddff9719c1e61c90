// The requests that a node has taken and not completed yet, by number. Whoever takes one out of the
// table completes it; a cancelled one is its cancel routine's. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>

#include "ddk.hpp"
#include "wdmsim/carrier.hpp"

namespace pf::driver {

class IrpTable {
public:
    // The IRP is pending from now on. False: it is cancelled already, and completed.
    bool add(PIRP irp, RequestNumber number, FileNumber file, PDRIVER_CANCEL on_cancel);
    void complete(RequestNumber number, NTSTATUS status, std::span<const std::byte> output);
    // For a cancel routine, without the system's cancel lock.
    void complete_cancelled(PIRP irp);
    // The file's last handle is closed: nobody waits for its requests any more.
    void cancel_file(FileNumber file);
    void cancel_all();

private:
    struct Pending {
        PIRP irp;
        FileNumber file;
    };
    using Entries = std::map<RequestNumber, Pending>;
    // Null: its cancel routine has it.
    static PIRP claim(const Pending& pending);
    template <typename Predicate>
    void cancel_if(Predicate ends);

    std::mutex mutex_;
    Entries entries_;
};

// Completes an IRP of a buffered operation; at most what the caller takes is written.
void complete_irp(PIRP irp, NTSTATUS status, std::span<const std::byte> output);

}  // namespace pf::driver
