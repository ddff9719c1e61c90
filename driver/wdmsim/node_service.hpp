// What a device node does above the carrier: its shell on a control thread, and the faults that a
// test has set between the two. Made when the node starts, ended when it stops. No call waits for
// the shell.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <pf/os/result.hpp>

#include "carrier.hpp"
#include "control_thread.hpp"
#include "fault_desk.hpp"

namespace pf::driver {

struct NodeSettings;

class NodeService final : private Carrier {
public:
    // `carrier` outlives this. `instance_id` is the node's own, "ROOT\DISPLAY\0000".
    static os::Result<std::unique_ptr<NodeService>> start(Carrier& carrier,
                                                          const std::string& instance_id);
    ~NodeService() override;  // waits for what the shell is at

    // The system's dispatch thread.
    void file_created(FileNumber file, std::uint32_t pid);
    void file_closed(FileNumber file);
    void request(CarriedRequest&& request);
    // Whether hosts are to find the node from its start on.
    bool starts_hidden() const { return starts_hidden_; }

private:
    NodeService(Carrier& carrier, const NodeSettings& settings);

    // From the shell.
    void complete(RequestNumber number, std::uint32_t status,
                  std::span<const std::byte> output) noexcept override;
    bool set_interface(bool enabled) noexcept override { return carrier_.set_interface(enabled); }

    void serve(CarriedRequest&& request);
    void test_operation(const CarriedRequest& request);
    std::uint32_t change_setting(std::uint32_t code, std::uint32_t value);
    void pass(FileNumber file, ControlThread::Task task);
    void set_hold_opens(bool hold);

    Carrier& carrier_;
    const bool starts_hidden_;
    bool hold_opens_;
    // What came for each file that is held back, in order.
    std::map<FileNumber, std::vector<ControlThread::Task>> held_;
    FaultDesk faults_;
    std::unique_ptr<ControlThread> control_;
};

}  // namespace pf::driver
