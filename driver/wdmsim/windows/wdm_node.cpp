#include "wdm_node.hpp"

#include <utility>

#include <pf/proto/control.hpp>
#include <pf/proto/version.hpp>

namespace pf::driver {
namespace {

static_assert(sizeof(GUID) == sizeof(proto::Guid));

const GUID& interface_guid() {
    return reinterpret_cast<const GUID&>(proto::kInterfaceGuid);
}

FileNumber file_of(PIRP irp) {
    return reinterpret_cast<FileNumber>(IoGetCurrentIrpStackLocation(irp)->FileObject->FsContext);
}

NTSTATUS done(PIRP irp, NTSTATUS status) {
    complete_irp(irp, status, {});
    return status;
}

std::uint32_t caller() {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(PsGetCurrentProcessId()));
}

UNICODE_STRING unicode(const std::wstring& text) {
    UNICODE_STRING view{};
    RtlInitUnicodeString(&view, text.c_str());
    return view;
}

NTSTATUS signal_event(PDEVICE_OBJECT, PIRP, PVOID event) {
    KeSetEvent(static_cast<PRKEVENT>(event), IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

CarriedRequest carried(PIRP irp, RequestNumber number) {
    const auto& io = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl;
    const auto* input = static_cast<const std::byte*>(irp->AssociatedIrp.SystemBuffer);
    CarriedRequest request{number, file_of(irp), static_cast<std::uint32_t>(io.IoControlCode)};
    if (input != nullptr) {
        request.input.assign(input, input + io.InputBufferLength);
    }
    request.output_capacity = io.OutputBufferLength;
    return request;
}

}  // namespace

NTSTATUS WdmNode::add(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical) {
    static ULONG made = 0;  // AddDevice is called by one thread
    const std::wstring name = L"\\Device\\pf_wdmsim_" + std::to_wstring(++made);
    UNICODE_STRING device_name = unicode(name);
    PDEVICE_OBJECT self = nullptr;
    NTSTATUS status = IoCreateDevice(driver, sizeof(WdmNode*), &device_name, FILE_DEVICE_UNKNOWN, 0,
                                     FALSE, &self);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    auto node = std::make_unique<WdmNode>(self, physical, name);
    // To register an interface asks the node for its id: IRPs come from here on.
    *static_cast<WdmNode**>(self->DeviceExtension) = node.get();
    status = node->prepare();
    if (NT_SUCCESS(status)) {
        self->Flags |= DO_BUFFERED_IO;
        self->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
        (void)node.release();  // a removal ends it
    }
    return status;
}

NTSTATUS WdmNode::prepare() {
    lower_ = IoAttachDeviceToDeviceStack(self_, physical_);
    if (lower_ == nullptr) {
        return STATUS_NO_SUCH_DEVICE;
    }
    const NTSTATUS status =
        IoRegisterDeviceInterface(physical_, &interface_guid(), nullptr, &link_);
    return !NT_SUCCESS(status) || make_test_link() ? status : STATUS_OBJECT_NAME_COLLISION;
}

// "\\.\pf_wdmsim_ROOT_DISPLAY_0000"
bool WdmNode::make_test_link() {
    std::wstring link = L"\\DosDevices\\pf_wdmsim_";
    for (const char c : instance_id()) {
        link += c == '\\' ? L'_' : static_cast<wchar_t>(c);
    }
    UNICODE_STRING link_name = unicode(link);
    UNICODE_STRING device_name = unicode(name_);
    IoDeleteSymbolicLink(&link_name);  // that of a process that was killed
    if (!NT_SUCCESS(IoCreateSymbolicLink(&link_name, &device_name))) {
        return false;
    }
    test_link_ = std::move(link);
    return true;
}

WdmNode::~WdmNode() {
    stop();
    if (!test_link_.empty()) {
        UNICODE_STRING link_name = unicode(test_link_);
        IoDeleteSymbolicLink(&link_name);
    }
    if (link_.Buffer != nullptr) {
        RtlFreeUnicodeString(&link_);
    }
    if (lower_ != nullptr) {
        IoDetachDevice(lower_);
    }
    IoDeleteDevice(self_);
}

// The link is "\??\ROOT#DISPLAY#0000#{guid}"; the id is plain ASCII.
std::string WdmNode::instance_id() const {
    std::string id;
    for (std::size_t i = 4; i < link_.Length / sizeof(WCHAR) && link_.Buffer[i] != L'{'; ++i) {
        const auto c = static_cast<char>(link_.Buffer[i]);
        id += c == '#' ? '\\' : c;
    }
    return id.substr(0, id.size() - (id.ends_with('\\') ? 1 : 0));
}

NTSTATUS WdmNode::start() {
    auto service = NodeService::start(*this, instance_id());
    if (!service) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    service_ = std::move(*service);
    set_interface(!service_->starts_hidden());
    return STATUS_SUCCESS;
}

void WdmNode::stop() {
    if (service_ != nullptr) {
        set_interface(false);
        service_.reset();
    }
    irps_.cancel_all();
}

bool WdmNode::set_interface(bool enabled) noexcept {
    if (enabled == interface_enabled_) {
        return true;
    }
    // A process that was killed leaves its link behind, and with that in the way the interface
    // would stay inactive; and what it left enabled is disabled only by whoever enabled it (Wine).
    if (enabled || !interface_enabled_) {
        IoDeleteSymbolicLink(&link_);
    }
    if (!enabled && !interface_enabled_) {
        IoSetDeviceInterfaceState(&link_, TRUE);
    }
    if (!NT_SUCCESS(IoSetDeviceInterfaceState(&link_, enabled ? TRUE : FALSE))) {
        return false;
    }
    interface_enabled_ = enabled;
    return true;
}

NTSTATUS WdmNode::create(PIRP irp) {
    if (service_ == nullptr) {
        return done(irp, STATUS_DEVICE_NOT_READY);
    }
    const FileNumber file = next_number_++;
    service_->file_created(file, caller());
    IoGetCurrentIrpStackLocation(irp)->FileObject->FsContext = reinterpret_cast<void*>(file);
    return done(irp, STATUS_SUCCESS);
}

NTSTATUS WdmNode::close(PIRP irp) {
    const FileNumber file = file_of(irp);
    irps_.cancel_file(file);
    if (service_ != nullptr && file != 0) {
        service_->file_closed(file);
    }
    return done(irp, STATUS_SUCCESS);
}

// Always pending: whoever completes it may do so before this returns.
NTSTATUS WdmNode::control(PIRP irp) {
    if (service_ == nullptr) {
        return done(irp, STATUS_DEVICE_NOT_READY);
    }
    const RequestNumber number = next_number_++;
    CarriedRequest request = carried(irp, number);
    if (irps_.add(irp, number, request.file, &on_cancel)) {
        try {
            service_->request(std::move(request));
        } catch (...) {  // no memory
            irps_.complete(number, STATUS_INSUFFICIENT_RESOURCES, {});
        }
    }
    return STATUS_PENDING;
}

void WdmNode::on_cancel(PDEVICE_OBJECT device, PIRP irp) {
    IoReleaseCancelSpinLock(irp->CancelIrql);
    of(device).irps_.complete_cancelled(irp);
}

void WdmNode::complete(RequestNumber number, std::uint32_t status,
                       std::span<const std::byte> output) noexcept {
    irps_.complete(number, static_cast<NTSTATUS>(status), output);
}

NTSTATUS WdmNode::plug_and_play(PIRP irp) {
    switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
        case IRP_MN_START_DEVICE: {
            const NTSTATUS status = pass_on_and_wait(irp);
            return done(irp, NT_SUCCESS(status) ? start() : status);
        }
        case IRP_MN_STOP_DEVICE:
        case IRP_MN_SURPRISE_REMOVAL:
            stop();
            irp->IoStatus.Status = STATUS_SUCCESS;
            return pass_on(irp);
        case IRP_MN_REMOVE_DEVICE: {
            stop();
            irp->IoStatus.Status = STATUS_SUCCESS;
            const NTSTATUS status = pass_on(irp);
            delete this;
            return status;
        }
        case IRP_MN_QUERY_STOP_DEVICE:
        case IRP_MN_QUERY_REMOVE_DEVICE:
        case IRP_MN_CANCEL_STOP_DEVICE:
        case IRP_MN_CANCEL_REMOVE_DEVICE:
            irp->IoStatus.Status = STATUS_SUCCESS;
            return pass_on(irp);
        default: return pass_on(irp);
    }
}

NTSTATUS WdmNode::pass_on(PIRP irp) {
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(lower_, irp);
}

NTSTATUS WdmNode::pass_on_and_wait(PIRP irp) {
    KEVENT completed;
    KeInitializeEvent(&completed, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, &signal_event, &completed, TRUE, TRUE, TRUE);
    NTSTATUS status = IoCallDriver(lower_, irp);
    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(&completed, Executive, KernelMode, FALSE, nullptr);
        status = irp->IoStatus.Status;
    }
    return status;
}

}  // namespace pf::driver
