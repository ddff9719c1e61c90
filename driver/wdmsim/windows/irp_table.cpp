#include "irp_table.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace pf::driver {

void complete_irp(PIRP irp, NTSTATUS status, std::span<const std::byte> output) {
    const auto& io = *IoGetCurrentIrpStackLocation(irp);
    std::size_t bytes = 0;
    if (NT_SUCCESS(status) && io.MajorFunction == IRP_MJ_DEVICE_CONTROL && !output.empty()) {
        const std::size_t capacity = io.Parameters.DeviceIoControl.OutputBufferLength;
        bytes = std::min(output.size(), capacity);
        std::memcpy(irp->AssociatedIrp.SystemBuffer, output.data(), bytes);
    }
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = bytes;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

bool IrpTable::add(PIRP irp, RequestNumber number, FileNumber file, PDRIVER_CANCEL on_cancel) {
    {
        const std::lock_guard locked(mutex_);
        entries_.emplace(number, Pending{irp, file});
        IoMarkIrpPending(irp);
        IoSetCancelRoutine(irp, on_cancel);
        // A cancel that came before the routine was there has told nobody.
        if (!irp->Cancel || IoSetCancelRoutine(irp, nullptr) == nullptr) {
            return true;
        }
        entries_.erase(number);
    }
    complete_irp(irp, STATUS_CANCELLED, {});
    return false;
}

PIRP IrpTable::claim(const Pending& pending) {
    return IoSetCancelRoutine(pending.irp, nullptr) != nullptr ? pending.irp : nullptr;
}

void IrpTable::complete(RequestNumber number, NTSTATUS status, std::span<const std::byte> output) {
    PIRP irp = nullptr;
    {
        const std::lock_guard locked(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end() || (irp = claim(found->second)) == nullptr) {
            return;
        }
        entries_.erase(found);
    }
    complete_irp(irp, status, output);
}

void IrpTable::complete_cancelled(PIRP irp) {
    {
        const std::lock_guard locked(mutex_);
        std::erase_if(entries_, [&](const auto& entry) { return entry.second.irp == irp; });
    }
    complete_irp(irp, STATUS_CANCELLED, {});
}

template <typename Predicate>
void IrpTable::cancel_if(Predicate ends) {
    std::vector<PIRP> ended;
    {
        const std::lock_guard locked(mutex_);
        std::erase_if(entries_, [&](const auto& entry) {
            const PIRP irp = ends(entry.second) ? claim(entry.second) : nullptr;
            if (irp != nullptr) {
                ended.push_back(irp);
            }
            return irp != nullptr;
        });
    }
    for (const PIRP irp : ended) {
        complete_irp(irp, STATUS_CANCELLED, {});
    }
}

void IrpTable::cancel_file(FileNumber file) {
    cancel_if([file](const Pending& pending) { return pending.file == file; });
}

void IrpTable::cancel_all() {
    cancel_if([](const Pending&) { return true; });
}

}  // namespace pf::driver
