// The driver towards the I/O manager: its entry and its dispatch routines. No exception leaves it.
#include "ddk.hpp"
#include "wdm_node.hpp"

namespace pf::driver {
namespace {

NTSTATUS no_memory(PIRP irp) {
    complete_irp(irp, STATUS_INSUFFICIENT_RESOURCES, {});
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical) {
    try {
        return WdmNode::add(driver, physical);
    } catch (...) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
}

template <NTSTATUS (WdmNode::*Dispatch)(PIRP)>
NTSTATUS dispatch(PDEVICE_OBJECT device, PIRP irp) {
    try {
        return (WdmNode::of(device).*Dispatch)(irp);
    } catch (...) {
        return no_memory(irp);
    }
}

void unload(PDRIVER_OBJECT) {}

}  // namespace
}  // namespace pf::driver

extern "C" NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    using pf::driver::dispatch;
    using pf::driver::WdmNode;
    driver->DriverExtension->AddDevice = &pf::driver::add_device;
    driver->DriverUnload = &pf::driver::unload;
    driver->MajorFunction[IRP_MJ_CREATE] = &dispatch<&WdmNode::create>;
    driver->MajorFunction[IRP_MJ_CLOSE] = &dispatch<&WdmNode::close>;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = &dispatch<&WdmNode::control>;
    driver->MajorFunction[IRP_MJ_PNP] = &dispatch<&WdmNode::plug_and_play>;
    return STATUS_SUCCESS;
}
