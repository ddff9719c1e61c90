#include "runtime_device.hpp"

#include <spdlog/spdlog.h>

#include <new>
#include <utility>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

constexpr std::uint32_t kStatusInsufficientResources = 0xC000009A;  // ntstatus.h

}  // namespace

os::Result<std::unique_ptr<RuntimeDevice>> RuntimeDevice::create(
    Carrier& carrier, const core::DriverConfig& config, std::unique_ptr<HandleSource> handles,
    std::unique_ptr<FrameSource> source) {
    auto completions = CompletionQueue::create();
    if (!completions) {
        return tl::unexpected(std::move(completions.error()));
    }
    return std::unique_ptr<RuntimeDevice>(new RuntimeDevice(
        carrier, config, std::move(handles), std::move(source), std::move(*completions)));
}

RuntimeDevice::RuntimeDevice(Carrier& carrier, const core::DriverConfig& config,
                             std::unique_ptr<HandleSource> handles,
                             std::unique_ptr<FrameSource> source,
                             std::shared_ptr<CompletionQueue> completions)
    : carrier_(carrier),
      handles_(std::move(handles)),
      source_(std::move(source)),
      runtime_(config, *handles_, *source_, std::move(completions)) {}

// One whose process is gone already is nobody's file; its end comes next.
void RuntimeDevice::file_created(FileNumber file, std::uint32_t pid) {
    const auto owner = owners_.enter(pid);
    if (!owner) {
        spdlog::warn("file {}: {}", file, owner.error().message());
        return;
    }
    files_.emplace(file, *owner);
    spdlog::debug("file {}: opened by process {}, owner {}", file, pid, *owner);
}

void RuntimeDevice::file_closed(FileNumber file) {
    const auto found = files_.extract(file);
    if (found && owners_.leave(found.mapped())) {
        spdlog::debug("owner {}: closed its last file", found.mapped());
        runtime_.owner_gone(found.mapped());
        answer_finished(os::now_ns());
    }
}

void RuntimeDevice::request(CarriedRequest&& request) {
    const auto file = files_.find(request.file);
    const core::Owner owner = file != files_.end() ? file->second : core::kNobody;
    const std::int64_t now_ns = os::now_ns();
    try {
        const auto done = runtime_.control(
            {request.number, owner, request.code, request.input, request.output_capacity, now_ns});
        if (done) {
            answer(request.number, *done);
        }
    } catch (const std::bad_alloc&) {
        carrier_.complete(request.number, kStatusInsufficientResources, {});
    }
    answer_finished(now_ns);
}

void RuntimeDevice::answer(RequestNumber number, const core::Completion& completion) {
    carrier_.complete(number, completion.status,
                      std::span(completion.output).first(completion.bytes_written));
}

void RuntimeDevice::answer_finished(std::int64_t now_ns) {
    while (const auto finished = runtime_.next_answer(now_ns)) {
        answer(finished->request, finished->outcome);
    }
}

void RuntimeDevice::turn(std::int64_t now_ns) {
    answer_finished(now_ns);
    runtime_.tick(now_ns);
    answer_finished(now_ns);
}

}  // namespace pf::driver
