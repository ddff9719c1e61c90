// One device node of the driver: its device object, its interface, the files that are open and the
// requests that are pending. Lives in the device object's extension; calls come from the system's
// dispatch thread, completions from any.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ddk.hpp"
#include "irp_table.hpp"
#include "wdmsim/carrier.hpp"
#include "wdmsim/node_service.hpp"

namespace pf::driver {

class WdmNode final : public Carrier {
public:
    // Makes the node's device object on top of `physical`, with the node in its extension.
    static NTSTATUS add(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical);
    static WdmNode& of(PDEVICE_OBJECT device) {
        return **static_cast<WdmNode**>(device->DeviceExtension);
    }
    WdmNode(PDEVICE_OBJECT self, PDEVICE_OBJECT physical, std::wstring name)
        : self_(self), physical_(physical), name_(std::move(name)) {}
    ~WdmNode() override;

    NTSTATUS create(PIRP irp);
    NTSTATUS close(PIRP irp);
    NTSTATUS control(PIRP irp);
    // Begins or ends the node as the system says, and passes the IRP on. After a removal the node
    // is no more.
    NTSTATUS plug_and_play(PIRP irp);

    void complete(RequestNumber number, std::uint32_t status,
                  std::span<const std::byte> output) noexcept override;
    bool set_interface(bool enabled) noexcept override;

private:
    static void on_cancel(PDEVICE_OBJECT device, PIRP irp);
    NTSTATUS prepare();
    bool make_test_link();
    NTSTATUS start();
    void stop();
    NTSTATUS pass_on(PIRP irp);
    NTSTATUS pass_on_and_wait(PIRP irp);
    std::string instance_id() const;

    PDEVICE_OBJECT self_;
    PDEVICE_OBJECT physical_;
    PDEVICE_OBJECT lower_ = nullptr;
    const std::wstring name_;                // of the device object
    UNICODE_STRING link_ = {};               // the interface's symbolic link, the system's memory
    std::wstring test_link_ = {};            // a way in that is there whatever the interface is
    std::optional<bool> interface_enabled_;  // empty: as another process left it
    IrpTable irps_;
    std::atomic<std::uint64_t> next_number_{1};  // of files and of requests
    std::unique_ptr<NodeService> service_;       // null: not started
};

}  // namespace pf::driver
