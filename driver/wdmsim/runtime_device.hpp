// A node's shell whose monitors' frames are a source's, in slots of plain memory: what the Linux
// driver process has behind its sockets, behind a carrier.
#pragma once

#include <memory>
#include <unordered_map>

#include "carrier.hpp"
#include "process/output/frame_source.hpp"
#include "process/runtime/owner_registry.hpp"
#include "process/runtime/runtime.hpp"

namespace pf::driver {

class RuntimeDevice final : public Device {
public:
    // `carrier` outlives this. Retry: no event to be had.
    static os::Result<std::unique_ptr<RuntimeDevice>> create(Carrier& carrier,
                                                             const core::DriverConfig& config,
                                                             std::unique_ptr<HandleSource> handles,
                                                             std::unique_ptr<FrameSource> source);

    void file_created(FileNumber file, std::uint32_t pid) override;
    void file_closed(FileNumber file) override;
    void request(CarriedRequest&& request) override;
    void turn(std::int64_t now_ns) override;
    const os::Event& news() const override { return runtime_.completed(); }

private:
    RuntimeDevice(Carrier& carrier, const core::DriverConfig& config,
                  std::unique_ptr<HandleSource> handles, std::unique_ptr<FrameSource> source,
                  std::shared_ptr<CompletionQueue> completions);
    void answer(RequestNumber number, const core::Completion& completion);
    void answer_finished(std::int64_t now_ns);

    Carrier& carrier_;
    std::unique_ptr<HandleSource> handles_;
    std::unique_ptr<FrameSource> source_;
    Runtime runtime_;
    OwnerRegistry owners_;  // a connection is a file
    std::unordered_map<FileNumber, core::Owner> files_;
};

}  // namespace pf::driver
