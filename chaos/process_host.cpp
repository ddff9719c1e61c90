// A host under test in a process of its own, which tells what happens in a file.
#include <cstdio>
#include <fstream>

#include <fmt/format.h>

#include <pf/os/interrupt.hpp>
#include <pf/os/program.hpp>
#include <pf/rig/console.hpp>

#include "crew.hpp"
#include "options.hpp"

namespace pf::chaos {
namespace {

class ProcessHost : public CrewMember {
public:
    ProcessHost(os::ChildProcess child, std::string log)
        : child_(std::move(child)), log_(std::move(log)) {}

    std::vector<HostEvent> drain() override {
        std::vector<HostEvent> events;
        std::ifstream file(log_);
        file.seekg(read_);
        for (std::string line; std::getline(file, line) && !file.eof();) {
            read_ += static_cast<std::streamoff>(line.size() + 1);
            if (auto event = decode_event(line)) {
                events.push_back(std::move(*event));
            }
        }
        return events;
    }
    bool command(const HostCommand&) override { return false; }
    void ask_to_end() override { child_.stop(os::StopHow::ask); }
    bool wait_ended(std::int64_t deadline_ns) override { return child_.wait_exit(deadline_ns); }
    const os::Process* process() const override { return &child_.process(); }

private:
    os::ChildProcess child_;
    std::string log_;
    std::streamoff read_ = 0;  // whole lines only
};

}  // namespace

os::Result<std::unique_ptr<CrewMember>> start_process_host(const HostOptions& options,
                                                           const std::string& log) {
    const auto program = os::executable_path();
    if (!program) {
        return tl::unexpected(program.error());
    }
    os::ChildProcess::Options child;
    child.arguments = {*program,
                       "--worker-log",
                       log,
                       "--worker-instance",
                       options.instance,
                       "--worker-client",
                       std::to_string(options.client_id),
                       "--worker-format",
                       std::to_string(static_cast<std::uint32_t>(options.format)),
                       "--source",
                       options.stamped ? "pattern" : "x11",
                       "--seed",
                       std::to_string(options.seed)};
    child.output_file = log + ".output";
    child.die_with_parent = true;
    auto spawned = os::ChildProcess::spawn(child);
    if (!spawned) {
        return tl::unexpected(spawned.error());
    }
    return std::make_unique<ProcessHost>(std::move(*spawned), log);
}

int run_worker(const Options& given) {
    const WorkerOptions& worker = given.worker;
    const auto cancel = os::interrupt_flag();
    std::ofstream log(worker.log, std::ios::app);
    if (!cancel || !log) {
        return rig::report(kProgram, rig::ExitCode::failed,
                           "a host process cannot write " + worker.log);
    }
    HostOptions options;
    options.instance = worker.instance;
    options.client_id = worker.client_id;
    options.seed = given.seed.value_or(0);
    options.format = static_cast<host::PixelFormat>(worker.format);
    options.stamped = given.source == "pattern";
    options.emit = [&log](const HostEvent& event) { log << encode(event) << std::flush; };
    HostUnderTest(std::move(options), **cancel).run();
    return rig::to_int(rig::ExitCode::done);
}

}  // namespace pf::chaos
