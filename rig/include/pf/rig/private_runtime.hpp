// A runtime directory of this process's own: its drivers meet no others and leave nothing.
#pragma once

#include <memory>
#include <string>

#include <pf/os/handle.hpp>
#include <pf/os/interrupt.hpp>

namespace pf::rig {

class PrivateRuntime {
public:
    // Before any thread that reads the environment runs: it changes it. The last resort removes
    // the directory too; one whose process was killed is removed by the next that makes one.
    static os::Result<std::unique_ptr<PrivateRuntime>> make(os::LastResort& last_resort);
    ~PrivateRuntime();  // removes it
    PrivateRuntime(const PrivateRuntime&) = delete;
    PrivateRuntime& operator=(const PrivateRuntime&) = delete;

    const std::string& path() const { return path_; }

private:
    PrivateRuntime(std::string path, os::Handle hold)
        : path_(std::move(path)), hold_(std::move(hold)) {}
    std::string path_;
    os::Handle hold_;  // while it lives, nobody takes the directory for abandoned
};

}  // namespace pf::rig
